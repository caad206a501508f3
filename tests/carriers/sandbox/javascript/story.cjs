// Search, hold, pay, exchange, add a bag, cancel, and buy with a seat, with Duffel's official client.
// What it was told is printed as one JSON line.
const { Duffel } = require('@duffel/api')

const duffel = new Duffel({ token: 'duffel_test_javascript', basePath: process.argv[2] })

const traveller = (id) => ({
  id,
  title: 'ms',
  given_name: 'Ada',
  family_name: 'Lovelace',
  gender: 'f',
  born_on: '1990-12-10',
  email: 'ada@example.org',
  phone_number: '+442080160508',
})

// An offer of an airline that shows its seats, bought with the first that is free; the designators it was given.
async function seated() {
  const request = await duffel.offerRequests.create({
    slices: [{ origin: 'LHR', destination: 'MAD', departure_date: process.argv[3] }],
    passengers: [{ type: 'adult' }],
    cabin_class: 'economy',
    return_offers: true,
  })
  const id = request.data.offers[0].id
  const offer = (await duffel.offers.get(id, { return_available_services: true })).data
  const maps = (await duffel.seatMaps.get({ offer_id: id })).data
  const elements = maps[0].cabins[0].rows.flatMap((row) => row.sections.flatMap((section) => section.elements))
  const seat = elements.find((element) => element.type === 'seat' && element.available_services.length > 0)
  const service = seat.available_services[0]
  const amount = (Number(offer.total_amount) + Number(service.total_amount)).toFixed(2)
  const order = await duffel.orders.create({
    type: 'instant',
    selected_offers: [id],
    services: [{ id: service.id, quantity: 1 }],
    payments: [{ type: 'balance', amount, currency: offer.total_currency }],
    passengers: [traveller(offer.passengers[0].id)],
  })
  const given = order.data.slices[0].segments[0].passengers[0].seat.designator
  return { bags: offer.available_services.length, asked: seat.designator, given }
}

async function story() {
  const request = await duffel.offerRequests.create({
    slices: [{ origin: 'JFK', destination: 'EWR', departure_date: process.argv[3] }],
    passengers: [{ type: 'adult' }],
    cabin_class: 'economy',
    return_offers: false,
  })
  const offers = await duffel.offers.list({ offer_request_id: request.data.id, limit: 50, sort: 'total_amount' })
  const changeable = offers.data.find((each) => each.conditions.change_before_departure?.allowed)
  const offer = (await duffel.offers.get(changeable.id)).data
  const order = await duffel.orders.create({
    type: 'pay_later',
    selected_offers: [offer.id],
    passengers: [traveller(offer.passengers[0].id)],
    metadata: { client: 'javascript' },
  })
  await duffel.payments.create({
    order_id: order.data.id,
    payment: { type: 'balance', amount: order.data.total_amount, currency: order.data.total_currency },
  })
  const paid = (await duffel.orders.get(order.data.id)).data
  const asked = await duffel.orderChangeRequests.create({
    order_id: paid.id,
    slices: {
      add: [{ origin: 'JFK', destination: 'EWR', departure_date: process.argv[4], cabin_class: 'economy' }],
      remove: [{ slice_id: paid.slices[0].id }],
    },
  })
  const dearer = asked.data.order_change_offers.find((each) => Number(each.change_total_amount) > 0)
  const change = await duffel.orderChanges.create({ selected_order_change_offer: dearer.id })
  const exchanged = await duffel.orderChanges.confirm(change.data.id, {
    payment: { type: 'balance', amount: change.data.change_total_amount, currency: change.data.change_total_currency },
  })
  const reissued = (await duffel.orders.get(paid.id)).data
  const bag = (await duffel.orders.getAvailableServices(order.data.id)).data[0]
  const added = await duffel.orders.addServices(order.data.id, {
    payment: { type: 'balance', amount: bag.total_amount, currency: bag.total_currency },
    add_services: [{ id: bag.id, quantity: 1 }],
  })
  const quote = await duffel.orderCancellations.create({ order_id: order.data.id })
  const cancelled = await duffel.orderCancellations.confirm(quote.data.id)
  const refused = await duffel.orders.get('ord_unknown').catch((error) => error)
  return {
    order: order.data.id,
    tickets: [...paid.documents, ...reissued.documents].map((document) => document.unique_identifier),
    exchangedAt: exchanged.data.confirmed_at,
    confirmedAt: cancelled.data.confirmed_at,
    added: added.data.services.map((service) => service.metadata.type),
    seated: await seated(),
    refused: { status: refused.meta.status, code: refused.errors[0].code },
  }
}

story().then(
  (told) => console.log(JSON.stringify(told)),
  (error) => {
    console.error(JSON.stringify(error.errors || String(error)))
    process.exitCode = 1
  },
)
