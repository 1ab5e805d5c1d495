"""Commands of the shell: `crd COMMAND`, or `python -m crd_keras COMMAND`."""
