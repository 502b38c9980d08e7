"""Are the words different?"""
