// Search, hold, pay, exchange, cancel with Duffel's official client; what it was told is printed as one JSON line.
const { Duffel } = require('@duffel/api')

const duffel = new Duffel({ token: 'duffel_test_javascript', basePath: process.argv[2] })

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
    passengers: [
      {
        id: offer.passengers[0].id,
        title: 'ms',
        given_name: 'Ada',
        family_name: 'Lovelace',
        gender: 'f',
        born_on: '1990-12-10',
        email: 'ada@example.org',
        phone_number: '+442080160508',
      },
    ],
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
  const quote = await duffel.orderCancellations.create({ order_id: order.data.id })
  const cancelled = await duffel.orderCancellations.confirm(quote.data.id)
  const refused = await duffel.orders.get('ord_unknown').catch((error) => error)
  return {
    order: order.data.id,
    tickets: [...paid.documents, ...reissued.documents].map((document) => document.unique_identifier),
    exchangedAt: exchanged.data.confirmed_at,
    confirmedAt: cancelled.data.confirmed_at,
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
