// Drive OCTO suppliers through everything that the standard has, with each of the sets of capabilities in turn. Every
// request and every response is held against the published schemas. What happened is printed as one JSON line.
const assert = require('node:assert')
const octo = require('@octocloud/types')

const [base, operators, first, last, ...sets] = process.argv.slice(2)
let operator, capabilities
const OURS = 'faregate/departures'
const told = { held: 0, bookings: [] }

// A schema drops what it does not know: fields of our own capability, and nothing else.
function hold(schema, value) {
  const read = schema.parse(value)
  if (!capabilities.includes(OURS)) assert.deepStrictEqual(read, value)
  told.held += 1
}

function send(method, path, { body, region = 'ZZ', token = `octo_sandbox_${operator}` } = {}) {
  return fetch(`${base}/${operator}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'octo-capabilities': capabilities,
      'faregate-region': region,
    },
    body: body && JSON.stringify(body),
  })
}

async function ok(method, path, schema, wish) {
  const answer = await send(method, path, wish)
  const data = await answer.json()
  assert.strictEqual(answer.status, 200, JSON.stringify(data))
  assert.strictEqual(answer.headers.get('octo-capabilities'), capabilities)
  hold(schema, data)
  return data
}

async function refused(code, schema, method, path, wish) {
  const answer = await send(method, path, wish)
  assert.strictEqual(answer.status, 400)
  const data = await answer.json()
  hold(schema, data)
  assert.strictEqual(data.error, code)
}

// A body as the published schemas want it.
function form(body, ours, theirs) {
  ours.validateSync(body, { strict: true })
  theirs.parse(body)
  return body
}

// OCTO names no capabilities but its own: ours is read under the name of one of those.
async function supplier() {
  await ok('GET', '/supplier/', octo.zSuppliersGetResponse)
  const found = await (await send('GET', '/capabilities/')).json()
  assert.ok(found.some((each) => each.id === OURS))
  hold(octo.zCapabilitiesGetResponse, found.map((each) => (each.id === OURS ? { ...each, id: 'octo/cart' } : each)))
}

async function products() {
  await ok('GET', '/products/', octo.zProductsGetProductsResponse, { region: 'UK' })
  const all = await ok('GET', '/products/', octo.zProductsGetProductsResponse)
  return ok('GET', `/products/${all[0].id}`, octo.zProductsGetProductResponse)
}

// The first two departures with room for two.
async function departures(product) {
  const option = product.options[0]
  const dates = { productId: product.id, optionId: option.id, localDateStart: first, localDateEnd: last }
  const body = form(dates, octo.availabilityCalendarBodySchema, octo.zAvailabilityCalendarBody)
  const response = octo.zAvailabilitiesAvailabilityCalendarResponse
  const days = await ok('POST', '/availability/calendar', response, { body })
  const roomy = days.filter((day) => day.available && day.vacancies > 1).slice(0, 2)
  const units = [{ id: option.units[0].id, quantity: 2 }]
  const found = []
  for (const { localDate } of roomy) {
    const wish = { ...dates, localDateStart: localDate, localDateEnd: localDate, units }
    const body = form(wish, octo.availabilityBodySchema, octo.zAvailabilityCheckBody)
    found.push(...(await ok('POST', '/availability/', octo.zAvailabilitiesAvailabilityCheckResponse, { body })))
  }
  const { productId, optionId } = dates
  const wish = { productId, optionId, availabilityIds: found.map((each) => each.id) }
  const asked = form(wish, octo.availabilityBodySchema, octo.zAvailabilityCheckBody)
  const again = await ok('POST', '/availability/', octo.zAvailabilitiesAvailabilityCheckResponse, { body: asked })
  assert.deepStrictEqual(again.map((each) => each.id), wish.availabilityIds)
  const asking = days.find((day) => day.departureStatus === 'ON_REQUEST')
  return { found, requestable: asking && (await ours(option, product, asking.localDate)) }
}

// Our own question about many departures, answered with OCTO's availability.
async function ours(option, product, localDate) {
  const departures = [{ productId: product.id, optionId: option.id, localDate }]
  const answer = await (await send('POST', '/departures/availability', { body: { departures } })).json()
  hold(octo.zAvailabilitiesAvailabilityCheckResponse, answer.map((each) => each.availability))
  return answer[0].availability
}

const contact = { firstName: 'Ada', lastName: 'Lovelace', emailAddress: 'ada@example.org', locales: ['en'] }

function reservation(product, availability) {
  const option = product.options[0]
  const uuid = crypto.randomUUID()
  return {
    uuid,
    productId: product.id,
    optionId: option.id,
    availabilityId: availability.id,
    expirationMinutes: 20,
    resellerReference: uuid,
    contact,
    unitItems: [1, 2].map(() => ({ uuid: crypto.randomUUID(), unitId: option.units[0].id, contact })),
  }
}

async function booked(product, [one, other]) {
  const wish = reservation(product, one)
  const body = form(wish, octo.createBookingBodySchema, octo.zBookingReservationBody)
  const held = await ok('POST', '/bookings/', octo.zBookingsBookingReservationResponse, { body })
  const again = await ok('POST', '/bookings/', octo.zBookingsBookingReservationResponse, { body })
  assert.deepStrictEqual([again.id, held.status], [held.id, 'ON_HOLD'])
  const path = `/bookings/${held.uuid}`
  const longer = form({ expirationMinutes: 60 }, octo.extendBookingBodySchema, octo.zExtendReservationBody)
  const extended = await ok('POST', `${path}/extend`, octo.zBookingsExtendReservationResponse, { body: longer })
  assert.ok(extended.utcExpiresAt > held.utcExpiresAt)
  const elsewhere = form({ availabilityId: other.id }, octo.updateBookingBodySchema, octo.zBookingUpdateBody)
  const moved = await ok('PATCH', path, octo.zBookingsBookingUpdateResponse, { body: elsewhere })
  const agreed = form({ contact }, octo.confirmBookingBodySchema, octo.zBookingConfirmationBody)
  const sold = await ok('POST', `${path}/confirm`, octo.zBookingsBookingConfirmationResponse, { body: agreed })
  assert.deepStrictEqual([moved.availabilityId, sold.status], [other.id, 'CONFIRMED'])
  await ok('GET', path, octo.zBookingsGetBookingResponse)
  const found = await ok('GET', `/bookings/?resellerReference=${held.uuid}`, octo.zBookingsGetBookingsResponse)
  assert.deepStrictEqual(found.map((each) => each.uuid), [held.uuid])
  const over = form({ reason: 'ill' }, octo.cancelBookingBodySchema, octo.zBookingCancellationBody)
  const gone = await ok('POST', `${path}/cancel`, octo.zBookingsBookingCancellationResponse, { body: over })
  return { uuid: gone.uuid, status: gone.status }
}

// A departure on request: asked for, and withdrawn.
async function requested(product, availability) {
  const body = reservation(product, availability)
  const asked = await ok('POST', '/bookings/', octo.zBookingsBookingReservationResponse, { body })
  assert.strictEqual(asked.status, 'PENDING')
  const gone = await ok('POST', `/bookings/${asked.uuid}/cancel`, octo.zBookingsBookingCancellationResponse)
  return { uuid: gone.uuid, status: gone.status }
}

async function refusals(product, [availability]) {
  const good = reservation(product, availability)
  const [item] = good.unitItems
  const wrong = (more) => ['POST', '/bookings/', { body: { ...good, ...more } }]
  await refused('INVALID_PRODUCT_ID', octo.zErrorInvalidProductId, ...wrong({ productId: 'x' }))
  await refused('INVALID_OPTION_ID', octo.zErrorInvalidOptionId, ...wrong({ optionId: 'x' }))
  await refused('INVALID_UNIT_ID', octo.zErrorInvalidUnitId, ...wrong({ unitItems: [{ ...item, unitId: 'x' }] }))
  await refused('INVALID_AVAILABILITY_ID', octo.zErrorInvalidAvailabilityId, ...wrong({ availabilityId: 'x' }))
  await refused('UNPROCESSABLE_ENTITY', octo.zErrorUnprocessableEntity, ...wrong({ unitItems: [] }))
  await refused('INVALID_BOOKING_UUID', octo.zErrorInvalidBookingUuid, 'GET', `/bookings/${crypto.randomUUID()}`)
  await refused('BAD_REQUEST', octo.zErrorBadRequest, 'GET', '/bookings/')
  await refused('UNAUTHORIZED', octo.zErrorUnauthorized, 'GET', '/supplier/', { token: '' })
  await refused('FORBIDDEN', octo.zErrorForbidden, 'GET', '/supplier/', { token: 'another' })
}

async function story() {
  await supplier()
  const product = await products()
  const { found, requestable } = await departures(product)
  told.bookings.push(await booked(product, found))
  if (requestable?.takesRequests) told.bookings.push(await requested(product, requestable))
  await refusals(product, found)
}

async function stories() {
  for (operator of operators.split(',')) for (capabilities of sets) await story()
}

stories().then(
  () => console.log(JSON.stringify(told)),
  (error) => {
    console.error(error.stack)
    process.exitCode = 1
  },
)
