"""Exchange with other frameworks' files."""

from crd_keras.interop.state_dict import read_state_dict

__all__ = ["read_state_dict"]
