/** How large tiles may be so that all branches are on one screen. Nothing here touches the document. */

const GAP = 5
/** Of a group's title. */
const HEAD = 26
/** From large to small: width and height of a tile in trouble, and of one that is well. The last has no names. */
const SIZES = [
  { name: 'xl', trouble: [300, 104], well: [220, 62] },
  { name: 'l', trouble: [244, 90], well: [172, 50] },
  { name: 'm', trouble: [212, 80], well: [142, 42] },
  { name: 's', trouble: [190, 72], well: [126, 36] },
  { name: 'xs', trouble: [168, 64], well: [108, 30] },
  { name: 'xxs', trouble: [150, 56], well: [96, 26] },
  { name: 'dot', trouble: [132, 46], well: [24, 20] },
]
/** A little larger than their size where there is room, no more: a wall of three branches stays calm. */
const MOST_STRETCH = 1.35

/**
 * The largest size at which `trouble` and `well` tiles fit in `width` × `height` with `headings` lines between them:
 * `{name, trouble: [width, height], well: [width, height], fits}`.
 */
export function fitTiles({ trouble, well, width, height, headings = 1 }) {
  const room = height - headings * HEAD
  for (const size of SIZES) {
    const needed = heightOf(trouble, size.trouble, width) + heightOf(well, size.well, width)
    const isLast = size === SIZES.at(-1)
    if (needed > room && !isLast) continue
    const stretch = Math.max(1, Math.min(MOST_STRETCH, room / Math.max(1, needed)))
    return {
      name: size.name,
      trouble: stretched(size.trouble, stretch),
      well: stretched(size.well, isLast ? 1 : stretch),
      fits: needed <= room,
    }
  }
  return null
}

function heightOf(count, [tileWidth, tileHeight], width) {
  const columns = Math.max(1, Math.floor((width + GAP) / (tileWidth + GAP)))
  return Math.ceil(count / columns) * (tileHeight + GAP)
}

const stretched = ([width, height], by) => [width, Math.floor((height + GAP) * by) - GAP]
