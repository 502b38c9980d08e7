"""Does the same text now carry another label?"""
