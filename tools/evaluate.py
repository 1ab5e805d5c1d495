"""`crd evaluate`, from a clone: see crd_keras/commands/evaluate.py."""

from crd_keras.commands.evaluate import main

main()
