"""Concept drift: the same text now carries another label.

`LabelGivenText` decides; `TextGivenLabel` and `LabelShift` say whether a moved P(label) explains what it found;
`TermPolarity` names the words. All take `LabelledEmbeddings`, one row per distinct labelled text.
"""
