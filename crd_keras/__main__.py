"""`python -m crd_keras COMMAND`, which is `crd COMMAND`."""

from crd_keras_command import main

if __name__ == "__main__":
    main()
