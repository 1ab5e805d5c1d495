"""Exchange with other frameworks' files."""

from crd_keras.interop.architectures import ARCHITECTURES
from crd_keras.interop.load_weights import load_weights
from crd_keras.interop.network import (
    ImportedNetwork,
    describe_network,
    read_network,
    to_state_dict,
)
from crd_keras.interop.pytorch_fid import load_pytorch_fid
from crd_keras.state_dicts.state_dict import (
    STATE_DICT_SUFFIXES,
    read_state_dict,
    write_state_dict,
)

__all__ = [
    "ARCHITECTURES",
    "STATE_DICT_SUFFIXES",
    "ImportedNetwork",
    "describe_network",
    "load_pytorch_fid",
    "load_weights",
    "read_network",
    "read_state_dict",
    "to_state_dict",
    "write_state_dict",
]
