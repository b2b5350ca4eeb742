import { longDay, weekdayName } from '../../core/days.js'
import { h } from '../../core/dom.js'
import { currentLanguage, text } from '../../core/texts.js'
import { utcTime } from '../../core/time.js'
import { barsOf, blocksOf } from './calendar.js'

/** A calendar of maintenance, as a month of bars or a week of hours. `chosen(opening)` is called for a bar. */

const MOST_LANES = 4
const HOURS = [0, 3, 6, 9, 12, 15, 18, 21]

const CLOCK = { hourCycle: 'h23', hour: '2-digit', minute: '2-digit' }

const clock = (iso) => new Intl.DateTimeFormat(currentLanguage(), CLOCK).format(new Date(iso))
const isSameDay = (one, other) => one.toDateString() === other.toDateString()

export function drawMonth({ weeks, openings, month, now, chosen }) {
  return h(
    'div',
    { class: 'calendar month', role: 'group', 'aria-label': text('calendar.label') },
    h(
      'div',
      { class: 'calendar-head', 'aria-hidden': 'true' },
      ...weeks[0].map((day) => h('span', {}, weekdayName(day.getDay()))),
    ),
    ...weeks.map((week) => drawWeekRow(week, openings, { month, now, chosen })),
  )
}

function drawWeekRow(week, openings, { month, now, chosen }) {
  const bars = barsOf(openings, week)
  const hidden = week.map(
    (_day, index) =>
      bars.filter(({ lane, from, to }) => lane >= MOST_LANES && from <= index && index <= to)
        .length,
  )
  return h(
    'div',
    { class: 'calendar-week' },
    ...week.map((day, index) =>
      h(
        'div',
        {
          class: 'calendar-day',
          'data-other': day.getMonth() === month ? null : '',
          'data-today': isSameDay(day, now) ? '' : null,
          style: { 'grid-column': index + 1 },
        },
        h('time', { datetime: isoDay(day), 'aria-label': longDay(day) }, String(day.getDate())),
        hidden[index] > 0 ? h('small', {}, text('calendar.more', { count: hidden[index] })) : null,
      ),
    ),
    ...bars
      .filter(({ lane }) => lane < MOST_LANES)
      .map(({ opening, from, to, lane, isBegun, isOver }) =>
        barButton(opening, chosen, {
          class: 'calendar-bar',
          'data-begun': isBegun ? '' : null,
          'data-over': isOver ? '' : null,
          style: { 'grid-column': `${from + 1} / ${to + 2}`, 'grid-row': lane + 2 },
        }),
      ),
  )
}

export function drawWeek({ week, openings, now, chosen }) {
  return h(
    'div',
    { class: 'calendar hours', role: 'group', 'aria-label': text('calendar.label') },
    h(
      'div',
      { class: 'calendar-head' },
      h('span', {}),
      ...week.map((day) =>
        h(
          'span',
          { 'data-today': isSameDay(day, now) ? '' : null },
          `${weekdayName(day.getDay())} ${day.getDate()}`,
        ),
      ),
    ),
    h(
      'div',
      { class: 'calendar-columns' },
      h(
        'div',
        { class: 'calendar-hours', 'aria-hidden': 'true' },
        ...HOURS.map((hour) =>
          h(
            'span',
            { style: { top: `${(hour / 24) * 100}%` } },
            `${String(hour).padStart(2, '0')}:00`,
          ),
        ),
      ),
      ...week.map((day) =>
        h(
          'div',
          {
            class: 'calendar-column',
            'data-today': isSameDay(day, now) ? '' : null,
            role: 'group',
            'aria-label': longDay(day),
          },
          ...(isSameDay(day, now)
            ? [
                h('span', {
                  class: 'calendar-now',
                  style: {
                    top: `${((now - new Date(now).setHours(0, 0, 0, 0)) / 86_400_000) * 100}%`,
                  },
                }),
              ]
            : []),
          ...blocksOf(openings, day).map(({ opening, top, height, column, columns }) =>
            barButton(opening, chosen, {
              class: 'calendar-block',
              style: {
                top: `${top * 100}%`,
                height: `max(22px, ${height * 100}%)`,
                left: `${(column / columns) * 100}%`,
                width: `${100 / columns}%`,
              },
            }),
          ),
        ),
      ),
    ),
  )
}

function barButton(opening, chosen, attributes) {
  const { name, from, until, comment } = opening
  const title = `${name}: ${utcTime(from)} – ${utcTime(until)}${comment === '' ? '' : `\n${comment}`}`
  return h(
    'button',
    { type: 'button', title, onclick: () => chosen(opening), ...attributes },
    h('b', {}, `${clock(from)}–${clock(until)}`),
    ' ',
    h('span', {}, name),
  )
}

const isoDay = (day) =>
  `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`
