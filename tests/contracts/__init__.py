import os

os.environ["PACT_DO_NOT_TRACK"] = "true"  # before pact is imported anywhere
