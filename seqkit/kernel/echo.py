"""A function to try a call with."""


def echo(payload: bytes) -> bytes:
    """Give back what came.

    Args:
        payload: any bytes.

    Returns:
        The same bytes.

    Example:
        >>> echo(b"42")
        b'42'
    """
    return payload
