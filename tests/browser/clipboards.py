"""What programs put on the clipboard as HTML, and what should stand in the field after it."""

from typing import Final

WORD: Final = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head>
<meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name=Generator content="Microsoft Word 15">
<style><!-- p.MsoNormal {mso-style-parent:""; font-family:"Calibri",sans-serif;} --></style>
<!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]--></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h2>What they did<o:p></o:p></h2>
<p class=MsoNormal><span style='font-size:14.0pt;color:red'>The <b style='mso-bidi-font-weight:normal'>main
result </b>was <i>r</i> = .17 (I<sup>2</sup> = 40%, H<sub>2</sub>O).</span><o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol;mso-fareast-font-family:Symbol'><span style='mso-list:Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>Ask first<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;text-indent:-18.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>o<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>then wait</p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Ask again</p>
<p class=MsoNormal>See <a href="https://doi.org/10.1000/x_(y)">the study</a>.</p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.<span>&nbsp; </span></span>One</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>2.<span>&nbsp; </span></span>Two</p>
<!--EndFragment--></body></html>"""
FROM_WORD: Final = """### What they did

The **main result** was *r* = .17 (I² = 40%, H₂O).

- Ask first
   - then wait
- Ask again

See [the study](https://doi.org/10.1000/x_(y)).

1. One
2. Two"""

DOCS: Final = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1f"><p dir="ltr" style="line-height:1.38;"><span
style="font-size:11pt;font-family:Arial;font-weight:700;font-style:normal;">Bold</span><span style="font-weight:400;"> and
</span><span style="font-style:italic;font-weight:400">slanted</span><span style="vertical-align:super">2</span></p><br /><ul><li
dir="ltr" style="list-style-type:disc;"><p dir="ltr"><span>one</span></p></li><ol><li><p>inner</p></li></ol><li><p>two</p></li></ul></b>"""
FROM_DOCS: Final = """**Bold** and *slanted*²

- one
  1. inner
- two"""

PAGE: Final = """<nav>Menu</nav><h1>Title</h1><p>First<br>second line with <code>5 * 3</code> &amp;amp; a [1](x) and snake_case _x_.</p>
<div>Loose text <em>here</em><div>1. not a list</div></div><style>p{}</style>
<p onclick="window.acted = 1"><img src="x" onerror="window.acted = 1">No <a href="javascript:window.acted=1">harm</a></p>
<script>window.acted = 1</script><table><tr><td>a</td><td>b</td></tr></table>"""
FROM_PAGE: Final = r"""Menu

### Title

First\
second line with 5 \* 3 \&amp; a [1\](x) and snake_case \_x\_.

Loose text *here*

1\. not a list

No harm

- a; b"""
