"""What stories of the grid worker's phone share: the PIN, names as the server writes them, a look at a view."""

from visitor import Visitor

PIN = "602817"


def crockford(number: int) -> str:
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(letters[number >> shift & 31] for shift in range(60, -1, -5))


def inspect(visitor: Visitor) -> None:
    """A page that is many: each view is looked at for itself, on a phone of 360 px too."""
    visitor.no_overflow()
    size = visitor.page.viewport_size
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    visitor.no_overflow()
    visitor.axe()
    if size:
        visitor.page.set_viewport_size(size)


def all_sent(visitor: Visitor) -> None:
    visitor.page.wait_for_function(
        "() => Number(document.querySelector('[data-phone-unsent]').dataset.phoneUnsent || 0) === 0", timeout=60_000)
