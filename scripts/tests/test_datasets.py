"""Tests of scripts/datasets on archives of its own, out of files and out of a server on the
loopback interface. Run: python3 -m unittest scripts/tests/test_datasets.py"""

import contextlib
import hashlib
import http.server
import importlib.machinery
import importlib.util
import io
import shutil
import sys
import tarfile
import tempfile
import threading
import unittest
import zipfile
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "datasets"
loader = importlib.machinery.SourceFileLoader("datasets_script", str(SCRIPT))
spec = importlib.util.spec_from_loader("datasets_script", loader)
script = importlib.util.module_from_spec(spec)
sys.dont_write_bytecode = True
sys.modules["datasets_script"] = script
loader.exec_module(script)


def tar(members):
    """A .tar.gz of (name, content) or of ready TarInfo objects."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one body; breaks off as often as told, and may know nothing of ranges."""

    body, breaks, ranges, requests = b"", 0, True, []

    def do_GET(self):
        cls = type(self)
        offset = 0
        wanted = self.headers.get("Range")
        cls.requests.append(wanted)
        if wanted and cls.ranges:
            offset = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header(
                "Content-Range", f"bytes {offset}-{len(cls.body) - 1}/{len(cls.body)}")
        else:
            self.send_response(200)
        rest = cls.body[offset:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if cls.breaks:
            cls.breaks -= 1
            rest = rest[:len(rest) // 2]
        self.wfile.write(rest)

    def log_message(self, *_):
        pass


class DatasetsTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root = self.folder / "data"
        self.stored = dict(script.CATALOGUE)
        self.addCleanup(script.CATALOGUE.update, self.stored)
        self.waits = []
        sleep = script.time.sleep
        script.time.sleep = self.waits.append
        self.addCleanup(setattr, script.time, "sleep", sleep)

    def offer(self, content, name="set.tar.gz", url=None, size=None, md5=None, limit=10_000,
              files=("a.bin",)):
        """Puts one archive into the catalogue, as cifar10, and forgets what was downloaded."""
        shutil.rmtree(self.root / ".downloads", ignore_errors=True)
        if url is None:
            (self.folder / name).write_bytes(content)
            url = (self.folder / name).as_uri()
        archive = script.Archive(
            url, len(content) if size is None else size, md5 or hashlib.md5(content).hexdigest())
        script.CATALOGUE["cifar10"] = script.Dataset("top", (archive,), files, limit)

    def run_script(self, *arguments):
        self.errors = io.StringIO()
        with contextlib.redirect_stderr(self.errors):
            return script.main(["cifar10", "--data", str(self.root), *arguments])

    def refused(self, text, status=65):
        self.assertEqual(self.run_script(), status, self.errors.getvalue())
        self.assertIn(text, self.errors.getvalue().splitlines()[-1])
        self.assertFalse((self.root / "top").exists())
        self.assertEqual([p.name for p in self.root.glob(".unpacking-*")], [])

    def serve(self, body, breaks=0, ranges=True):
        handler = type("Handler", (Server,), dict(body=body, breaks=breaks, ranges=ranges,
                                                  requests=[]))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return handler, f"http://127.0.0.1:{server.server_port}/set.tar.gz"

    def test_unpacks_a_tar(self):
        self.offer(tar([("top/a.bin", b"hello"), ("top/deep/b.txt", b"x")]))
        self.assertEqual(self.run_script(), 0)
        self.assertEqual((self.root / "top/a.bin").read_bytes(), b"hello")
        self.assertEqual((self.root / "top/deep/b.txt").read_bytes(), b"x")
        self.assertEqual([path.name for path in self.root.iterdir()], ["top"])

    def test_unpacks_a_zip(self):
        self.offer(zipped([("top/", b""), ("top/a.bin", b"hello")]), name="set.zip")
        self.assertEqual(self.run_script(), 0)
        self.assertEqual((self.root / "top/a.bin").read_bytes(), b"hello")

    def test_takes_a_plain_file(self):
        self.offer(b"matrix", name="a.bin")
        self.assertEqual(self.run_script("--keep"), 0)
        self.assertEqual((self.root / "top/a.bin").read_bytes(), b"matrix")
        self.assertTrue((self.root / ".downloads/a.bin.partial").exists())

    def test_is_content_with_what_is_there(self):
        self.offer(tar([("top/a.bin", b"hello")]))
        self.assertEqual(self.run_script(), 0)
        (self.folder / "set.tar.gz").unlink()
        self.assertEqual(self.run_script(), 0)
        (self.root / "top/a.bin").unlink()
        self.assertEqual(self.run_script(), 73)
        self.assertIn("has no a.bin", self.errors.getvalue())

    def test_refuses_another_archive(self):
        good = tar([("top/a.bin", b"hello")])
        self.offer(good, md5="0" * 32)
        self.refused("is not the published archive")
        self.assertEqual(list((self.root / ".downloads").iterdir()), [])

    def test_refuses_a_longer_archive(self):
        self.offer(b"0123456789", size=5)
        self.refused("longer than the published 5 bytes")

    def test_says_that_a_shorter_archive_broke_off(self):
        self.offer(b"0123456789", size=50)
        self.refused("repeat the command", 69)
        self.assertEqual(self.waits, [1, 2, 4, 8])

    def test_refuses_members_that_leave_the_folder(self):
        for name in ["../a.bin", "/tmp/a.bin", "top/../../a.bin", "other/a.bin", "a.bin",
                     "top/..\\a.bin"]:
            with self.subTest(name):
                self.offer(tar([("top/a.bin", b"x"), (name, b"evil")]))
                self.refused("does not belong below top")
                self.offer(zipped([("top/a.bin", b"x"), (name, b"evil")]), name="set.zip")
                self.refused("does not belong below top")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ["data", "set.tar.gz", "set.zip"])

    def test_refuses_links_and_devices(self):
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("top/link")
            info.type, info.linkname = kind, "/etc/passwd"
            self.offer(tar([("top/a.bin", b"x"), info]))
            self.refused("no plain file")
        link = zipfile.ZipInfo("top/link")
        link.external_attr = 0o120777 << 16
        self.offer(zipped([("top/a.bin", b"x"), (link, b"/etc/passwd")]), name="set.zip")
        self.refused("no plain file")

    def test_refuses_more_bytes_than_the_set_has(self):
        self.offer(tar([("top/a.bin", bytes(10_001))]))
        self.refused("more than 10000 bytes")
        self.offer(zipped([("top/a.bin", bytes(10_001))]), name="set.zip")
        self.refused("more than 10000 bytes")

    def test_refuses_a_member_that_comes_twice(self):
        self.offer(tar([("top/a.bin", b"1"), ("top/a.bin", b"2")]))
        self.refused("does not unpack")

    def test_refuses_what_lacks_a_file(self):
        self.offer(tar([("top/b.bin", b"1")]))
        self.refused("has no top/a.bin")

    def test_refuses_damaged_archives(self):
        noise = b"".join(hashlib.sha512(bytes([n])).digest() for n in range(40))
        good = tar([("top/a.bin", noise)])
        # Behind the content come zeros alone, which pack into a few bytes.
        for size in range(1, len(noise), 37):
            self.offer(good[:size])
            self.refused("")
        good = zipped([("top/a.bin", bytes(range(256)) * 20)])
        for size in range(1, len(good), 7):
            self.offer(good[:size], name="set.zip")
            self.refused("does not unpack")
        damaged = bytearray(good)
        damaged[60] ^= 1
        self.offer(bytes(damaged), name="set.zip")
        self.refused("does not unpack")
        good = tar([("top/a.bin", bytes(range(256)) * 20)])
        for position in range(len(good)):
            damaged = bytearray(good)
            damaged[position] ^= 0x10
            self.offer(bytes(damaged))
            # gzip's own header and the tar header's unused fields may change without harm.
            status = self.run_script()
            self.assertIn(status, (0, 65), (position, self.errors.getvalue()))
            shutil.rmtree(self.root / "top", ignore_errors=True)

    def test_goes_on_where_it_stopped(self):
        body = tar([("top/a.bin", hashlib.sha512(b"noise").digest() * 40)])
        handler, url = self.serve(body, breaks=2)
        self.offer(body, url=url)
        self.assertEqual(self.run_script(), 0, self.errors.getvalue())
        half = len(body) // 2
        self.assertEqual(
            handler.requests,
            [None, f"bytes={half}-", f"bytes={half + (len(body) - half) // 2}-"])
        self.assertEqual(self.waits, [1, 2])

    def test_goes_on_in_the_next_run(self):
        body = tar([("top/a.bin", b"hello")])
        handler, url = self.serve(body)
        self.offer(body, url=url)
        (self.root / ".downloads").mkdir(parents=True)
        (self.root / ".downloads/set.tar.gz.partial").write_bytes(body[:10])
        self.assertEqual(self.run_script(), 0, self.errors.getvalue())
        self.assertEqual(handler.requests, ["bytes=10-"])

    def test_starts_anew_where_a_server_knows_no_ranges(self):
        body = tar([("top/a.bin", b"hello")])
        handler, url = self.serve(body, breaks=1, ranges=False)
        self.offer(body, url=url)
        self.assertEqual(self.run_script(), 0, self.errors.getvalue())
        self.assertEqual(len(handler.requests), 2)

    def test_a_refusal_by_the_server_is_not_repeated(self):
        class Gone(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Gone)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.offer(b"x", url=f"http://127.0.0.1:{server.server_port}/set.tar.gz")
        self.refused("404", 69)
        self.assertEqual(self.waits, [])

    def test_a_folder_that_cannot_be_made(self):
        (self.folder / "data").write_text("a file")
        self.offer(tar([("top/a.bin", b"hello")]))
        self.assertEqual(self.run_script(), 73)

    def test_usage(self):
        with self.assertRaises(SystemExit) as caught, contextlib.redirect_stderr(io.StringIO()):
            script.main(["mnist"])
        self.assertEqual(caught.exception.code, 64)

    def test_the_catalogue(self):
        for dataset in self.stored.values():
            for archive in dataset.archives:
                self.assertRegex(archive.md5, "^[0-9a-f]{32}$")
                self.assertGreater(archive.size, 50_000_000)
                self.assertGreater(dataset.limit, archive.size)


if __name__ == "__main__":
    unittest.main()
