"""What the demo asks the gateway, as any client would."""

PLACES = """
query Places($text: String!) { places(query: $text, first: 3) { code kind name city country { name } } }
"""

SEARCH = """
query Search($input: SearchInput!, $filter: ItineraryFilter! = {holdable: true}, $first: Int! = 3) {
  search(input: $input) {
    totalCount
    errors { code message path }
    carrierOutcomes { carrier { name } status latencyMs offers }
    itineraries(first: $first, sort: PRICE, filter: $filter) {
      offer
      conditions { refund { allowed fee { amount } } change { allowed fee { amount } } }
      emissionsKg
      price {
        total { amount currency }
        base { amount currency }
        tax { amount currency }
        fees { name amount { amount currency } }
      }
      journeys {
        departsAt arrivesAt duration changes
        segments { flight marketingCarrier { name } origin { code } destination { code } }
      }
    }
  }
}
"""

BOOKING = """
fragment Told on Booking {
  id reference state paymentState payBy balanceDueAt
  deposit { amount currency }
  total { amount currency }
  balance { amount currency }
  paid { amount currency }
  refunded { amount currency }
  items { id state ticketing carrierReference inventoryHeld replaces { id } journeys { ref departsAt } }
  payments { method status card }
  tickets { number status replaces { number status } pdfUrl verificationUrl passenger { givenName familyName } }
  openOperations { id verb state }
}
"""

RESERVE = (
    """
mutation Reserve($input: ReserveInput!) {
  reserve(input: $input) {
    booking { ...Told }
    operation { id state }
    warnings { code message }
    errors {
      code message advice money path
      ... on PriceChanged { oldTotal { amount currency } newTotal { amount currency } offer }
    }
  }
}
"""
    + BOOKING
)

PAY = (
    """
mutation Pay($input: PayInput!) {
  pay(input: $input) { booking { ...Told } operation { id state } errors {
      code message advice money path
      ... on AccountOverdue { outstanding { amount currency } }
      ... on RequestPending { answerBy }
    } }
}
"""
    + BOOKING
)

PAY_BY_CARD = """
mutation PayByCard($input: PayInput!) {
  pay(input: $input) {
    outcome { __typename ... on PaymentActionRequired { formUrl expiresAt payment { id } } }
    errors { code message advice money path }
  }
}
"""

CANCEL = (
    """
mutation Cancel($input: CancelInput!) {
  cancel(input: $input) { booking { ...Told } operation { id state } errors { code message } }
}
"""
    + BOOKING
)

SHOW = "query Show($id: ID!) { booking(id: $id) { ...Told timeline { at kind actor } } }" + BOOKING

QUOTE_EXCHANGE = """
mutation QuoteExchange($input: QuoteExchangeInput!) {
  quoteExchange(input: $input) {
    quotes {
      id expiresAt
      difference { amount currency } fee { amount currency } balance { amount currency }
    }
    errors { code message advice path }
  }
}
"""

EXCHANGE = """
mutation Exchange($input: ExchangeInput!) {
  exchange(input: $input) {
    outcome {
      __typename
      ... on PaymentActionRequired { formUrl expiresAt payment { id amount { amount currency } } }
    }
    errors { code message advice money path }
  }
}
"""

QUOTE_REFUND = """
mutation QuoteRefund($input: QuoteRefundInput!) {
  quoteRefund(input: $input) {
    quote {
      id state extent expiresAt
      amount { gross { amount currency } fee { amount currency } net { amount currency } }
      parts { rule { ground deadline } }
      sources { amount { amount currency } to expectedBy basis }
    }
    errors { code message advice path }
  }
}
"""

REFUND = """
mutation Refund($input: RefundInput!) {
  refund(input: $input) { operation { id state } errors { code message advice money path } }
}
"""

TOURS = """
query Tours($filter: TourFilter!, $region: SellingRegion!) {
  tours(filter: $filter, region: $region, first: 100) {
    nodes { id name days operator { name } places { name } }
    operatorOutcomes { operator { name } status tours }
  }
}
"""

AVAILABILITY = """
fragment Sold on DepartureAvailability {
  status bookableOnline takesRequests placesLeft
  rates { type price { amount currency } }
  terms { deposit { amount currency } balanceDueAt }
  offer(rooms: $rooms) {
    offer {
      token
      price { total { amount currency } base { amount currency } fees { name amount { amount currency } } }
      deposit { amount currency }
    }
    errors { code message }
  }
}
"""

COMPARE = (
    """
query Compare($tour: ID!, $from: Date!, $to: Date!, $rooms: [RoomInput!]!) {
  departures(tour: $tour, region: UK, from: $from, to: $to, first: 100) {
    nodes {
      startsOn endsOn guideLanguage
      seasonName
      uk: availability(region: UK) { ...Sold }
      us: availability(region: US) { ...Sold }
    }
  }
}
"""
    + AVAILABILITY
)

SEEN = """
query Seen($tour: ID!, $option: ID!, $from: Date!, $to: Date!) {
  departures(tour: $tour, option: $option, region: UK, from: $from, to: $to) {
    nodes { startsOn availability { status bookableOnline } }
  }
}
"""

ASKED_FOR = (
    """
query AskedFor($tour: ID!, $from: Date!, $to: Date!, $rooms: [RoomInput!]!) {
  departures(tour: $tour, region: UK, from: $from, to: $to, status: [ON_REQUEST], first: 20) {
    nodes { startsOn availability { ...Sold } }
  }
}
"""
    + AVAILABILITY
)

ACCOUNT = """
query Account { viewer { partner { name } credit { limit { amount currency } owed { amount } available { amount } } } }
"""

STATEMENTS = """
query Statements {
  statements(first: 1) {
    nodes {
      id number dueOn state pdfUrl csvUrl
      total { amount currency }
      lines(first: 100) { nodes { kind reference amount { amount currency } } }
    }
  }
}
"""

RECORD_PAYMENT = """
mutation RecordPayment($input: RecordStatementPaymentInput!) {
  recordStatementPayment(input: $input) { statement { number state } errors { code message path } }
}
"""
