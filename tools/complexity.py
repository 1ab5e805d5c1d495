"""`crd complexity`, from a clone: see crd_keras/commands/complexity.py."""

from crd_keras.commands.complexity import main

main()
