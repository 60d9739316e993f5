"""One page in Chromium: what is asked of it, and what a visitor's hands do."""
import asyncio
import json
import time

from picture.clock import Moment

# Of an element, once it has come to rest: where its middle is.
MIDDLE = """(async () => {
  const element = document.querySelector(SELECTOR);
  element.scrollIntoView({ block: 'nearest' });
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.all(element.getAnimations().map((one) => one.finished.catch(() => 0)));
  const box = element.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
})()"""


class Tab:
    """Of a visitor of its own."""

    def __init__(self, browser, session):
        self.browser, self.session = browser, session
        # When each click went down.
        self.clicks = []

    async def open(self, url, scripts):
        for domain in ("Page", "Runtime"):
            await self.call(f"{domain}.enable")
        for script in scripts:
            await self.call("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        await self.call("Page.navigate", {"url": url})

    async def call(self, method, parameters=None):
        return await self.browser.call(method, parameters, self.session)

    async def value(self, expression):
        """Of an expression in the page, or of what it promises."""
        answer = await self.call("Runtime.evaluate", {
            "expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True})
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    async def until(self, condition, seconds=30):
        """When a condition in the page was first seen to hold; what cannot be asked yet does not."""
        asked = f"(() => {{ try {{ return Boolean({condition}); }} catch {{ return false; }} }})()"
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if await self.value(asked):
                    return Moment.now()
            except RuntimeError:
                pass  # the page is about to be another
            await asyncio.sleep(0.025)
        page = await self.value("document.body.innerText.slice(0, 600)")
        raise RuntimeError(f"never: {condition}; the page says: {page}")

    async def click(self, selector):
        await self.until_seen(selector)
        x, y = await self.value(MIDDLE.replace("SELECTOR", json.dumps(selector)))
        for event in ("mouseMoved", "mousePressed", "mouseReleased"):
            if event == "mousePressed":
                self.clicks.append(Moment.now())
            await self.call("Input.dispatchMouseEvent", {
                "type": event, "x": x, "y": y, "button": "left", "clickCount": 1})

    async def write(self, selector, text):
        await self.until_seen(selector)
        field = f"document.querySelector({json.dumps(selector)})"
        await self.value(f"{field}.focus(), {field}.select()")
        await self.call("Input.insertText", {"text": text})

    async def until_seen(self, selector):
        await self.until(f"document.querySelector({json.dumps(selector)})?.getClientRects().length")
