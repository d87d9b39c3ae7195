"""Measures the map of grids with a district of 2,500: bytes on the wire, times in headless Chromium.

    measure_grid_map.py --binary .build/debug/linli

Not a test: prints the numbers that stand in docs/PERFORMANCE.md. The grids are made up: 50 by 50 cells of some 170 by
170 m with crooked borders that neighbours share, three corners between two crossings, in 100 communities of the demo's
district; a third of them have open cases. The figures are written into the store directly.
"""

import argparse
import random
import sqlite3
import statistics
from pathlib import Path

from playwright.sync_api import sync_playwright
from site_under_test import Site
from visitor import Visitor

SIDE = 50
WEST, SOUTH, WIDE, HIGH = 1_164_100_000, 398_800_000, 20_000, 15_000


def corners() -> tuple[dict, dict]:
    """Crossings of the net by column and row, and the corners between two of them."""
    chance = random.Random(1)

    def jitter(x: int, y: int, reach: int) -> tuple[int, int]:
        return x + chance.randint(-reach, reach), y + chance.randint(-reach, reach)

    knots = {(c, r): jitter(WEST + c * WIDE, SOUTH + r * HIGH, 3000) for c in range(SIDE + 1) for r in range(SIDE + 1)}
    edges = {}
    for (c, r), here in knots.items():
        for other in ((c + 1, r), (c, r + 1)):
            if other not in knots:
                continue
            there = knots[other]
            edges[((c, r), other)] = [
                jitter(here[0] + (there[0] - here[0]) * part // 4, here[1] + (there[1] - here[1]) * part // 4, 700)
                for part in (1, 2, 3)
            ]
    return knots, edges


def ring(knots: dict, edges: dict, c: int, r: int) -> list[tuple[int, int]]:
    way = [(c, r), (c + 1, r), (c + 1, r + 1), (c, r + 1), (c, r)]
    points = []
    for here, there in zip(way, way[1:]):
        between = edges.get((here, there)) or edges[(there, here)][::-1]
        points += [knots[here], *between]
    return points


def geometry(points: list[tuple[int, int]]) -> str:
    """As the kernel stores it: the box, then the first corner and the steps to the next ones."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    steps, (x, y) = [], (0, 0)
    for east, north in points:
        steps.append(f"{east - x} {north - y}")
        x, y = east, north
    return f"{min(xs)} {min(ys)} {max(xs)} {max(ys)}|" + " ".join(steps)


def fill(store: Path, district: int) -> None:
    base = sqlite3.connect(store / "linli.db")
    knots, edges = corners()
    chance = random.Random(2)
    for index in range(SIDE * SIDE):
        street, community, grid = 801 + index // 250, 801 + index // 25 % 10, 1 + index % 25
        parent = district + street * 1_000_000 + community * 1000
        code = parent + grid
        if grid == 1:
            base.execute(
                "INSERT INTO division (code, level, name, parent, is_synthetic, source, valid_from) VALUES (?,5,?,?,1,'',0)",
                (parent, f"第{index // 25 + 1}社区", parent // 1_000_000 * 1_000_000))
        base.execute(
            "INSERT INTO division (code, level, name, parent, is_synthetic, source, valid_from) VALUES (?,6,?,?,1,'',0)",
            (code, f"第{grid}网格", parent))
        base.execute(
            "INSERT INTO grid_shape (id, division, geometry, valid_from) VALUES (?,?,?,0)",
            (code, code, geometry(ring(knots, edges, index % SIDE, index // SIDE))))
        if chance.random() < 0.33:
            base.execute(
                "INSERT INTO case_count (owner_kind, owner, state, against_unit, total) VALUES ('division',?,'handling',0,?)",
                (code, chance.randint(1, 12)))
    base.commit()
    base.close()


TIMER = """
window.times = [];
window.stamps = [];
const later = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (action) => later((at) => {
  const began = performance.now();
  action(at);
  window.times.push(performance.now() - began);
  window.stamps.push(at);
});
"""


def spread(name: str, values: list[float]) -> None:
    values = sorted(values)
    print(f"{name}: {len(values)} frames, p50 {statistics.median(values):.1f} ms, "
          f"p95 {values[int(len(values) * 0.95)]:.1f} ms, max {values[-1]:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    site = Site(arguments.binary)
    try:
        site.start()
        site.stop()
        fill(site.store, 110_101_000_000_000)
        site.run()
        with sync_playwright() as player:
            browser = player.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=["--no-sandbox"])
            measure(browser, site, arguments.picture)
            browser.close()
    finally:
        site.stop()
        site.remove()


def measure(browser, site: Site, picture: Path | None) -> None:
    visitor = Visitor(browser, site, "desktop")
    visitor.sign_in("陈国栋")
    page = visitor.page
    page.add_init_script(TIMER)
    visitor.goto("/desk/map?under=110101")
    page.locator("[data-canvas] canvas").wait_for()
    page.wait_for_timeout(1500)
    for part in page.evaluate(
        "performance.getEntriesByType('resource').filter(e => /desk.map./.test(e.name))"
        ".map(e => [e.name.replace(/.*desk.map./, ''), e.decodedBodySize, e.duration])"
    ):
        print(f"{part[0]}: {part[1]:,} bytes, {part[2]:.0f} ms from asking to the last byte")
    print("decoding: {:.0f} ms".format(page.evaluate("""async () => {
        const { decodeShapes } = await import(document.querySelector('script[src$="app.js"]').src.replace('app.js', 'shapes.js'));
        const answer = await fetch('/desk/map/shapes?under=110101&detail=near');
        const bytes = new Uint8Array(await answer.arrayBuffer());
        console.log('near', bytes.length);
        window.near = bytes.length;
        const began = performance.now();
        window.grids = decodeShapes(bytes).length;
        return performance.now() - began;
    }""")))
    print(f"with every corner: {page.evaluate('near'):,} bytes for {page.evaluate('grids')} grids")
    area = page.locator("[data-canvas] canvas").bounding_box()
    assert area
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    if picture:
        page.screenshot(path=picture)

    def pan(name: str) -> None:
        page.evaluate("times.length = stamps.length = 0")
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(120):
            page.mouse.move(x + 150 * ((step % 20) / 10 - 1), y + step % 30)
        page.mouse.up()
        spread(name, page.evaluate("times"))
        stamps = page.evaluate("stamps")
        spread("  from one frame to the next", [there - here for here, there in zip(stamps, stamps[1:])])

    pan("panning, all 2,500 in sight")
    page.evaluate("times.length = 0")
    for step in range(60):
        page.mouse.wheel(0, -60 if step < 30 else 60)
        page.wait_for_timeout(20)
    spread("zooming in and out", page.evaluate("times"))
    for _ in range(4):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(50)
    pan("panning near by")
    if picture:
        page.screenshot(path=picture.with_stem(picture.stem + "-near"))


main()
