"""A browser driven through chromedriver, with Python's standard library alone (W3C WebDriver over HTTP)."""

import base64
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"


class Browser:
    """Headless Chromium; use it in a `with` statement, which ends it."""

    def __init__(self, driver="chromedriver"):
        self.profile = tempfile.TemporaryDirectory(prefix="report-browser-", ignore_cleanup_errors=True)
        # Port 0: the driver takes a free one and says which.
        self.process = subprocess.Popen(
            [driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.base = None
        for line in self.process.stdout:
            port = re.search(r"on port (\d+)\.", line)
            if port:
                self.base = f"http://127.0.0.1:{port.group(1)}"
                break
        if self.base is None:
            raise RuntimeError("chromedriver did not start")
        arguments = ["--headless=new", f"--user-data-dir={self.profile.name}", "--disable-dev-shm-usage"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses to run as root with its sandbox.
        capabilities = {"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self._send("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.version = answer["capabilities"]["browserVersion"]
        self.session = f"/session/{answer['sessionId']}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._send("DELETE", self.session)
        finally:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.profile.cleanup()

    def _send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.base + path, data=data, method=method, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def open(self, url):
        self._send("POST", self.session + "/url", {"url": url})

    def run(self, script, *arguments):
        """The value that a piece of JavaScript returns."""
        return self._send("POST", self.session + "/execute/sync", {"script": script, "args": list(arguments)})

    def devtools(self, command, **parameters):
        """A command of Chromium's own protocol."""
        return self._send(
            "POST", self.session + "/goog/cdp/execute", {"cmd": command, "params": parameters}
        )

    def find(self, selector):
        """The elements that a CSS selector finds."""
        found = self._send("POST", self.session + "/elements", {"using": "css selector", "value": selector})
        return [element[ELEMENT] for element in found]

    def click(self, element):
        """A click of the mouse; fails where something else covers the element."""
        self._send("POST", f"{self.session}/element/{element}/click", {})

    def type(self, element, text):
        self._send("POST", f"{self.session}/element/{element}/value", {"text": text})

    def console(self):
        """Messages since the last call: errors of scripts, of loading and of the content security policy."""
        return self._send("POST", self.session + "/se/log", {"type": "browser"})

    def resize(self, width, height=800, scale=1):
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=scale, mobile=width < 600,
        )
        # Bars would take width from the page; a telephone lays them over it.
        self.devtools("Emulation.setScrollbarsHidden", hidden=True)
        time.sleep(0.3)

    def media(self, medium="", scheme="light"):
        """Shows the page as on this medium, in a light or dark scheme."""
        self.devtools(
            "Emulation.setEmulatedMedia",
            media=medium, features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def screenshot(self):
        """The whole page, also what lies below the window, as PNG."""
        answer = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def pdf(self):
        """The page as it is printed on A4."""
        answer = self.devtools("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=False)
        return base64.b64decode(answer["data"])
