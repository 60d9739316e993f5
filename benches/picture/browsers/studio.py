"""What a host does at the page, click by click: an account, a stream, its picture."""
from picture.house import PASSWORD

# The studio says so of the stream, and of the picture that it sends.
ON_AIR = "document.querySelector('.studio-head .badge.live') && document.querySelector('.preview-box .badge.live')"
PRIMARY = ".top-actions .button.primary"


async def register(tab, name):
    await tab.click(PRIMARY)
    await tab.until("document.querySelector('.login[open]')")
    await tab.write(".login [name=username]", name)
    await tab.write(".login [name=password]", PASSWORD)
    await tab.click(".login [type=submit]")
    await tab.until("document.querySelector('.avatar-button')")


async def create_stream(tab, title):
    """Leaves the tab in the studio of the new stream; returns its id."""
    await tab.click(PRIMARY)
    await tab.write("dialog [name=title]", title)
    await tab.click("dialog [type=submit]")
    await tab.until("location.pathname.endsWith('/studio')")
    return (await tab.value("location.pathname")).split("/")[2]


async def press_live(tab):
    """Returns when the button went down."""
    await tab.click("[name=live]")
    return tab.clicks[-1]
