/** How large tiles may be so that all branches are on one screen. Nothing here touches the document. */

const GAP = 5
/** Of a group's title. */
const HEAD = 26
/** From large to small: a name for the style sheet, width and height. */
const TROUBLE = [
  ['xl', 300, 104],
  ['l', 244, 90],
  ['m', 212, 78],
  ['s', 184, 68],
  ['xs', 156, 58],
  ['xxs', 132, 48],
]
/** Of those that are well; the last has no names. */
const WELL = [
  ['xl', 220, 62],
  ['l', 172, 50],
  ['m', 142, 42],
  ['s', 122, 34],
  ['xs', 104, 28],
  ['xxs', 84, 22],
  ['dot', 24, 20],
]
/** A little larger than their size where there is room, no more: a wall of three branches stays calm. */
const MOST_STRETCH = 1.35

/** Both at once from large to small: those that are well shrink first, and lose their names last of all. */
const PAIRS = TROUBLE.flatMap((trouble, i) => WELL.map((well, j) => ({ trouble, well, i, j })))
  .filter(({ i, j }) => j >= i)
  .sort((a, b) => isDot(a) - isDot(b) || a.i + a.j - (b.i + b.j) || a.i - b.i)

function isDot({ well: [name] }) {
  return name === 'dot'
}

/**
 * The largest sizes at which `trouble` and `well` tiles fit in `width` × `height` below each other:
 * `{trouble: {name, width, height}, well: {…}, fits}`.
 */
export function fitTiles({ trouble, well, width, height }) {
  const heads = (trouble > 0 ? HEAD : 0) + (well > 0 ? HEAD : 0)
  const room = height - heads
  const neededOf = (pair) =>
    rowsHeight(trouble, pair.trouble, width) + rowsHeight(well, pair.well, width)
  const found = PAIRS.find((pair) => neededOf(pair) <= room)
  const pair = found ?? PAIRS.at(-1)
  const stretch = stretchOf(room, neededOf(pair))
  return {
    trouble: sized(pair.trouble, stretch),
    well: sized(pair.well, pair.well[0] === 'dot' ? 1 : stretch),
    fits: found !== undefined,
  }
}

/** The same for groups of both, `[{trouble, well}]`: in them a tile in trouble takes the room of four. */
export function fitGroups(groups, { width, height }) {
  const room = height - groups.length * HEAD
  const neededOf = (size) =>
    groups.reduce((sum, group) => {
      const rows = rowsHeight(4 * group.trouble + group.well, size, width)
      return sum + Math.max(rows, group.trouble > 0 ? 2 * (size[2] + GAP) : 0)
    }, 0)
  // Without names a region would be a row of dots: then it rather scrolls.
  const named = WELL.slice(0, -1)
  const found = named.find((size) => neededOf(size) <= room)
  const size = found ?? named.at(-1)
  const well = sized(size, stretchOf(room, neededOf(size)))
  const trouble = { name: size[0], width: 2 * well.width + GAP, height: 2 * well.height + GAP }
  return { trouble, well, fits: found !== undefined }
}

function rowsHeight(count, [, tileWidth, tileHeight], width) {
  const columns = Math.max(1, Math.floor((width + GAP) / (tileWidth + GAP)))
  return Math.ceil(count / columns) * (tileHeight + GAP)
}

const stretchOf = (room, needed) => Math.max(1, Math.min(MOST_STRETCH, room / Math.max(1, needed)))

const sized = ([name, width, height], stretch) => ({
  name,
  width,
  height: Math.floor((height + GAP) * stretch) - GAP,
})
