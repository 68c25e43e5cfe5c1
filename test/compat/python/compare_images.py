"""Compares images with the bytes that they were made from: compare_images.py <folder>, which holds a manifest."""

import json
import sys
from pathlib import Path

from PIL import Image

MODES = {1: "L", 3: "RGB", 4: "RGBA"}

folder = Path(sys.argv[1])
different = []
for entry in json.loads((folder / "manifest.json").read_text()):
    size = (entry["width"], entry["height"])
    wanted = Image.frombytes(MODES[entry["channels"]], size, (folder / f"{entry['name']}.raw").read_bytes())
    for kind in ("png", "webp"):
        # WebP has no grey.
        pixels = wanted.convert("RGB") if kind == "webp" and wanted.mode == "L" else wanted
        with Image.open(folder / f"{entry['name']}.{kind}") as image:
            image.load()
            if image.format != kind.upper() or image.mode != pixels.mode or image.tobytes() != pixels.tobytes():
                different.append(f"{entry['name']}.{kind}")
print(json.dumps(different))
