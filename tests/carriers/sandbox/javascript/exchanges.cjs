// Hold requests and responses, as a gateway and a supplier exchanged them, against OCTO's published schemas. They come
// on standard input as one JSON array of { method, path, body, status, answer }; the arguments name the fields that
// OCTO does not have.
const assert = require('node:assert')
const { readFileSync } = require('node:fs')
const octo = require('@octocloud/types')

const UUID = '[0-9a-f]{8}-[0-9a-f-]{27}'
// Method, path, the schemas of the request's body and that of the response.
const ENDPOINTS = [
  ['GET', '/supplier/', [], octo.zSuppliersGetResponse],
  ['GET', '/products/', [], octo.zProductsGetProductsResponse],
  ['GET', '/products/[^/]+', [], octo.zProductsGetProductResponse],
  [
    'POST',
    '/availability/calendar',
    [octo.availabilityCalendarBodySchema, octo.zAvailabilityCalendarBody],
    octo.zAvailabilitiesAvailabilityCalendarResponse,
  ],
  [
    'POST',
    '/availability/',
    [octo.availabilityBodySchema, octo.zAvailabilityCheckBody],
    octo.zAvailabilitiesAvailabilityCheckResponse,
  ],
  [
    'POST',
    '/bookings/',
    [octo.createBookingBodySchema, octo.zBookingReservationBody],
    octo.zBookingsBookingReservationResponse,
  ],
  ['GET', '/bookings/', [], octo.zBookingsGetBookingsResponse],
  ['GET', `/bookings/${UUID}`, [], octo.zBookingsGetBookingResponse],
  [
    'PATCH',
    `/bookings/${UUID}`,
    [octo.updateBookingBodySchema, octo.zBookingUpdateBody],
    octo.zBookingsBookingUpdateResponse,
  ],
  [
    'POST',
    `/bookings/${UUID}/extend`,
    [octo.extendBookingBodySchema, octo.zExtendReservationBody],
    octo.zBookingsExtendReservationResponse,
  ],
  [
    'POST',
    `/bookings/${UUID}/confirm`,
    [octo.confirmBookingBodySchema, octo.zBookingConfirmationBody],
    octo.zBookingsBookingConfirmationResponse,
  ],
  [
    'POST',
    `/bookings/${UUID}/cancel`,
    [octo.cancelBookingBodySchema, octo.zBookingCancellationBody],
    octo.zBookingsBookingCancellationResponse,
  ],
]
const ERRORS = {
  INVALID_PRODUCT_ID: octo.zErrorInvalidProductId,
  INVALID_OPTION_ID: octo.zErrorInvalidOptionId,
  INVALID_UNIT_ID: octo.zErrorInvalidUnitId,
  INVALID_AVAILABILITY_ID: octo.zErrorInvalidAvailabilityId,
  INVALID_BOOKING_UUID: octo.zErrorInvalidBookingUuid,
  UNPROCESSABLE_ENTITY: octo.zErrorUnprocessableEntity,
  BAD_REQUEST: octo.zErrorBadRequest,
}
// What our own capability adds, and OCTO's schemas drop.
const OURS = new Set(process.argv.slice(2))

function withoutOurs(value) {
  if (Array.isArray(value)) return value.map(withoutOurs)
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).filter(([name]) => !OURS.has(name))
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutOurs(each)]))
}

function hold(schema, value) {
  assert.deepStrictEqual(schema.parse(value), value)
}

function form([written, published], body) {
  if (written === undefined) return assert.strictEqual(body, null)
  written.validateSync(body, { strict: true })
  hold(published, body)
}

function exchanged({ method, path, body, status, answer }) {
  const found = ENDPOINTS.find((each) => each[0] === method && new RegExp(`^${each[1]}$`).test(path))
  assert.ok(found, `OCTO knows no ${method} ${path}`)
  form(found[2], body)
  hold(status === 200 ? found[3] : ERRORS[answer.error], withoutOurs(answer))
  return `${method} ${found[1].replace(UUID, '{uuid}')} ${status === 200 ? status : answer.error}`
}

const seen = JSON.parse(readFileSync(0, 'utf8')).map(exchanged)
console.log(JSON.stringify([...new Set(seen)].sort()))
