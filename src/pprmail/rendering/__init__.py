"""The only room that knows Jinja and premailer: data in, the bytes of letters and pages out."""
