// How much of the page is seen: a phone's keyboard takes its half, and not every browser makes the page smaller for it.

const ZOOMED = 1.05; // who looks closer sees less, and wants the page as it is

/** Of the window `{innerWidth, innerHeight, visualViewport}`: the pixels that are covered at its foot, and whether what is
 * left is `low` (a phone with its keyboard open) or `lowest` (hardly more than the keyboard leaves on a small one). */
export function fit({ innerWidth, innerHeight, visualViewport }) {
  const seen = visualViewport && visualViewport.scale < ZOOMED ? Math.min(visualViewport.height, innerHeight) : innerHeight;
  const narrow = innerWidth < 600;
  return { covered: Math.round(innerHeight - seen), low: narrow && seen < 560, lowest: seen < (narrow ? 420 : 280) };
}
