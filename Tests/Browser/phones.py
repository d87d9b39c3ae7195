"""What stories of the grid worker's phone share: the PIN, what lies there, names, photos, a look at a view."""

import struct
import zlib
from collections.abc import Callable

from visitor import Visitor

PIN = "602817"

# Read as it lies there: bytes as letters, so that a name in clear would be found.
RAW = """async () => {
  const open = () => new Promise((done, fail) => {
    const request = indexedDB.open('linli-grid');
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  const words = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    ? new TextDecoder('utf-8').decode(value) : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, part]) => name + ':' + words(part)).join(' ') : String(value);
  const database = await open();
  const stores = {};
  for (const name of database.objectStoreNames) {
    stores[name] = await new Promise((done) => {
      const request = database.transaction(name).objectStore(name).getAll();
      request.onsuccess = () => done(request.result);
    });
  }
  database.close();
  return { cells: stores.cells.length, meta: stores.meta.length, keys: stores.outbox.filter((each) => !each.key.startsWith('draft/')).map((each) => each.key),
    rounds: stores.meta[0]?.rounds ?? 0, words: words(stores) };
}"""


def crockford(number: int) -> str:
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(letters[number >> shift & 31] for shift in range(60, -1, -5))


def picture(number: int) -> bytes:
    """A small photo like no other."""
    width, height = 240, 160
    colour = bytes([number * 37 % 256, number * 91 % 256, 40 + number])
    rows = b"".join(b"\0" + bytes((x * y + number) % 256 if x % 9 == 0 else colour[x % 3] for x in range(width * 3))
                    for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def take_along(visitor: Visitor, who: str, grid: int | None = None, fresh: bool = False) -> None:
    """Signs in and takes a grid along."""
    visitor.sign_in(who, fresh=fresh)
    take(visitor, grid)


def take(visitor: Visitor, grid: int | None = None) -> None:
    """Takes a grid along under the PIN; without one to take, what stands there instead is the failure."""
    page = visitor.page
    visitor.goto("/grid/phone")
    page.wait_for_selector("[data-phone-view] .card")
    assert page.locator("[data-phone-take]").count(), f"no grid can be taken along: {page.inner_text('main')}"
    if grid and page.locator("#grid").count():
        page.select_option("#grid", str(grid))
    page.fill("#pin", PIN)
    page.fill("#again", PIN)
    page.click("[data-phone-take] button")
    page.wait_for_selector(".phone .tab")


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


def comes(visitor: Visitor, test: Callable[[], bool], seconds: int = 15) -> bool:
    """Waits for what the page does not show, as long as it takes; whether it came."""
    for _ in range(seconds * 10):
        if test():
            return True
        visitor.page.wait_for_timeout(100)
    return test()


def drafts(visitor: Visitor) -> list[str]:
    """The names of the cells that hold something half filled in."""
    return visitor.page.evaluate("""() => new Promise((done, fail) => {
        const request = indexedDB.open('linli-grid');
        request.onerror = () => fail(request.error);
        request.onsuccess = () => {
            const keys = request.result.transaction('cells').objectStore('cells').getAllKeys();
            keys.onsuccess = () => {
                request.result.close();
                done(keys.result.filter((key) => key.startsWith('d/') || key.startsWith('p/')));
            };
        };
    })""")
