"""What everything stored has in common."""

import strawberry


@strawberry.interface(description="Something stored, which can be asked for again by its id.")
class Node:
    """The Relay interface of that name (https://relay.dev/graphql/objectidentification.htm)."""

    id: strawberry.ID = strawberry.field(description="Its id, unique over everything in this gateway.")
