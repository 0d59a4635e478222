"""Makes gdaldem.npz, what GDAL's gdaldem gives for two small elevation models; needs the Debian package gdal-bin.

    python tests/data/raster/make_gdaldem.py

Each array's name is the command line that made it, without files: "rough slope -p" is
`gdaldem slope rough.dem OUT -p -of ENVI`. The models are "rough" and "holed", and theirs are the arrays "dem rough" and
"dem holed" (cells of 30 x 25 and of 30 x 30, holes of -9999). Made with GDAL 3.6.2.
"""

import subprocess
import tempfile
from pathlib import Path

import numpy as np

CELLS, HOLE = {"rough": (30, 25), "holed": (30, 30)}, -9999
TYPES = {"1": np.uint8, "4": np.float32}  # ENVI's "data type"
COMMANDS = [
    "hillshade",
    "hillshade -compute_edges",
    "hillshade -az 200 -alt 20 -z 3",
    "hillshade -alg ZevenbergenThorne",
    "hillshade -combined",
    "hillshade -multidirectional",
    "hillshade -multidirectional -compute_edges -alt 30",
    "hillshade -igor",
    "hillshade -igor -az 100 -z 2",
    "slope",
    "slope -p",
    "slope -s 2 -compute_edges",
    "slope -alg ZevenbergenThorne",
    "aspect",
    "aspect -trigonometric",
    "aspect -zero_for_flat",
    "aspect -alg ZevenbergenThorne -compute_edges",
    "TRI -alg Riley",
    "TRI -alg Wilson -compute_edges",
    "TPI",
    "TPI -compute_edges",
    "roughness",
    "roughness -compute_edges",
]


def models() -> dict[str, np.ndarray]:
    """Waves with noise; and the same with holes inside, at the edges and in a corner, and a flat."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:29, :37]
    rough = 400 + 60 * np.sin(x / 4) * np.cos(y / 5) + rng.normal(0, 4, x.shape)
    holed = rough.copy()
    holed[4:9, 20:27] = 123
    for place in ((12, 12), (0, 5), (28, 20), (15, 0), (16, 36), (0, 0), (20, 30), (20, 31), (22, 30)):
        holed[place] = HOLE
    return {"rough": rough.astype(np.float32), "holed": holed.astype(np.float32)}


def write_dem(path: Path, dem: np.ndarray, cell: tuple[int, int]) -> None:
    rows, columns = dem.shape
    dem.tofile(path)
    path.with_suffix(".hdr").write_text(
        f"ENVI\nsamples = {columns}\nlines = {rows}\nbands = 1\nheader offset = 0\nfile type = ENVI Standard\n"
        f"data type = 4\ninterleave = bsq\nbyte order = 0\ndata ignore value = {HOLE}\n"
        f"map info = {{Arbitrary, 1, 1, 0, 0, {cell[0]}, {cell[1]}}}\n"
    )


def run(folder: Path, model: str, command: str, shape: tuple[int, ...]) -> np.ndarray:
    mode, *options = command.split()
    out = folder / "out.dem"
    subprocess.run(["gdaldem", mode, folder / f"{model}.dem", out, *options, "-of", "ENVI", "-q"], check=True)
    header = dict(line.split(" = ") for line in out.with_suffix(".hdr").read_text().splitlines() if " = " in line)
    return np.fromfile(out, TYPES[header["data type"]]).reshape(shape)


def main() -> None:
    results = {f"dem {name}": dem for name, dem in models().items()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for model, dem in models().items():
            write_dem(folder / f"{model}.dem", dem, CELLS[model])
            for command in COMMANDS:
                results[f"{model} {command}"] = run(folder, model, command, dem.shape)
    np.savez_compressed(Path(__file__).with_name("gdaldem.npz"), **results)


if __name__ == "__main__":
    main()
