"""Every notebook of `dashboards/notebooks`, run from its first cell to its last; none may keep an answer."""

import faulthandler
import os
import pathlib

import nbclient
import nbformat

# Who waits for ever says where.
faulthandler.dump_traceback_later(240, exit=True)

folder = pathlib.Path(os.environ["BILIM_NOTEBOOKS"])
found = sorted(folder.glob("*.ipynb"))
assert found, folder
for path in found:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells), f"{path.name} holds answers: clear them"
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("text/html" in output.get("data", {}) for output in shown), f"{path.name} shows no table"
    assert any("image/png" in output.get("data", {}) for output in shown), f"{path.name} draws nothing"
print("done")
