"""Are labels, predictions, or the share of right answers, different?"""
