"""`crd convert`, from a clone: see crd_keras/commands/convert.py."""

from crd_keras.commands.convert import main

main()
