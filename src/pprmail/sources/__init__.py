"""The only room that reads input files: Markdown, saved blog pages, topics, subscriber lists."""
