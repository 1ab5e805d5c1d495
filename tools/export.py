"""`crd export`, from a clone: see crd_keras/commands/export.py."""

from crd_keras.commands.export import main

main()
