"""`crd teach`, from a clone: see crd_keras/commands/teach.py."""

from crd_keras.commands.teach import main

main()
