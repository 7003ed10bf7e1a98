"""The command line: each verb parses, calls an operation, prints. Nothing heavy is imported
before a verb needs it, so that --help is there at once.
"""
