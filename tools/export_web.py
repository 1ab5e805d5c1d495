"""`crd web`, from a clone: see crd_keras/commands/web.py."""

from crd_keras.commands.web import main

main()
