"""`crd translate`, from a clone: see crd_keras/commands/translate.py."""

from crd_keras.commands.translate import main

main()
