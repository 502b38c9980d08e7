"""Is the pipeline different?"""
