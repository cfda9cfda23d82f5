"""Composition: settings, one container per service, the workers and the command line. No decisions of the business."""
