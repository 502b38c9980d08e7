"""How well does the model do: measured with labels, estimated without, split by cause; and which labels to ask for."""
