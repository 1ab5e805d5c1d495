"""Random numbers that follow from a seed alone: TensorFlow's, without TensorFlow.

`fold_in` and `uniform` give, digit for digit, what
`tf.random.experimental.stateless_fold_in` and `tf.random.stateless_uniform` give with
`alg="philox"`. So a training sees the same whatever reads its data.

Reference:

- Parallel Random Numbers: As Easy as 1, 2, 3 (Salmon et al., SC 2011,
  doi:10.1145/2063384.2063405): Philox4x32 with 10 rounds. (NumPy's own Philox has words
  of 64 bits.)
"""

import numpy as np

_ROUNDS = 10
_MULTIPLIERS = np.array((0xD2511F53, 0xCD9E8D57), np.uint64)
_WEYL = np.array((0x9E3779B9, 0xBB67AE85), np.uint32)
# What TensorFlow scrambles seeds with.
_SEED_KEY = np.array((0x3EC8F720, 0x02461E29), np.uint32)


def fold_in(seed: np.ndarray | tuple[int, int], data: np.ndarray | int) -> np.ndarray:
    """Makes a new seed of a seed and a number.

    Args:
        seed: Two integers of 64 bits.
        data: An integer of 64 bits, or an array of them.

    Returns:
        int64 array of the shape of `data` and one axis more, of size 2.
    """
    data = np.asarray(data, np.int64)
    folded = np.broadcast_to(_words(seed, 1).view(np.int64)[0], data.shape)
    return np.stack((folded, data), axis=-1)


def uniform(seed: np.ndarray | tuple[int, int], count: int) -> np.ndarray:
    """Draws uniform numbers.

    Args:
        seed: Two integers of 64 bits, or an array of such seeds, `(..., 2)`.
        count: How many numbers are drawn with each seed.

    Returns:
        float32 array of shape `(..., count)` in [0, 1).
    """
    bits = _words(seed, -(-count // 4))[..., :count]
    # 23 random bits are the fraction of a number in [1, 2).
    return (bits & 0x7FFFFF | 0x3F800000).view(np.float32) - np.float32(1)


def _words(seed: np.ndarray | tuple[int, int], blocks: int) -> np.ndarray:
    """The first random words of each seed, four a block: uint32, (..., 4 * blocks)."""
    seed = np.ascontiguousarray(seed, np.int64)
    mixed = _philox(seed.view(np.uint32), _SEED_KEY)
    counter = np.zeros((*seed.shape[:-1], blocks, 4), np.uint32)
    counter[..., 0] = np.arange(blocks)
    counter[..., 2:] = mixed[..., None, 2:]
    words = _philox(counter, mixed[..., None, :2])
    return words.reshape((*seed.shape[:-1], 4 * blocks))


def _philox(counter: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Mixes blocks of four words, `(..., 4)`, with keys of two, `(..., 2)`."""
    for _ in range(_ROUNDS):
        products = counter[..., ::2] * _MULTIPLIERS
        high, low = (products >> 32).astype(np.uint32), products.astype(np.uint32)
        mixed = high[..., ::-1] ^ counter[..., 1::2] ^ key
        counter = np.stack((mixed, low[..., ::-1]), axis=-1).reshape(counter.shape)
        key = key + _WEYL
    return counter
