"""The method in plain PyTorch, as one writes it from the paper: what to compare with.

It is kept straightforward on purpose: N x N x D differences of contents, a pass for
each image, the teacher's images computed anew for the student.
"""
