"""Each suite is shown to fail: an adapter with one guarantee broken fails the test of that guarantee."""

import copy
import unittest
from datetime import timedelta
from functools import partial

import attrs
import pytest

from adapters.memory import (
    MemoryBookings,
    MemoryChanges,
    MemoryLog,
    MemoryOutbox,
    MemoryOwners,
    MemoryPages,
    MemoryPaymentBook,
    MemoryProjection,
    MemoryProvider,
    MemorySales,
    MemoryTickets,
    MemoryViews,
    MemoryWaitingList,
)
from adapters.system import SystemClock
from myticket_core.conformance import (
    bells,
    bookings,
    changes,
    contacts,
    event_log,
    history,
    notifications,
    outbox,
    owners,
    pages,
    parking,
    parking_handled,
    past,
    payment_book,
    payments,
    provider,
    sales,
    system,
    tickets,
    titles,
    waiting,
)
from myticket_core.payment.approve import ApprovePayment
from myticket_core.payment.cancel import PaymentCanceler
from tests.conformance import broken
from tests.conformance.test_memory import ended, settling


def ticket_store(db=None, of_tickets=MemoryTickets, of_outbox=MemoryOutbox):
    db = db or broken.Database()
    return tickets.TicketStore(of_tickets(db), of_outbox(db))


def booking_store(db=None, of_bookings=MemoryBookings, of_sales=MemorySales):
    db = db or broken.Database()
    return bookings.BookingStore(of_bookings(db), of_sales(db), MemoryOutbox(db))


def waiting_store(of_line=MemoryWaitingList, of_sales=MemorySales):
    db = broken.Database()
    return waiting.WaitingStore(MemoryBookings(db), of_sales(db), MemoryOutbox(db), of_line(db))


def payment_store(db=None, of_payments=MemoryPaymentBook):
    db = db or broken.Database()
    return payment_book.PaymentStore(of_payments(db), MemoryOutbox(db))


def pay_service(way):
    book, clock, provider = MemoryPaymentBook(broken.Database()), SystemClock(), MemoryProvider()
    asked = way(ApprovePayment(book, provider, clock), book, timedelta(seconds=2))
    return payments.PayService(asked, partial(ended, PaymentCanceler(book, clock)), settling(book, provider))


def page_store(of_projection=MemoryProjection, of_views=MemoryViews, of_pages=MemoryPages):
    db = broken.Database()
    return pages.PageStore(of_projection(db), of_pages(db), of_views(db))


def change_store(of_changes=MemoryChanges, of_projection=MemoryProjection):
    db = broken.Database()
    return changes.ChangeStore(of_projection(db), MemoryViews(db), of_changes(db))


def remembering(of_past):
    db = broken.Database()
    return past.Remembering(ticket_store(db), of_past(db))


def contact_store(of_contacts):
    return of_contacts(broken.Database())


def title_store(of_titles):
    return of_titles(broken.Database())


def known(under):
    return owners.Known(under, lambda source, id, said: under.known.update({(source, id): said}), lambda: None)


def log(of_reader):
    records = MemoryLog()
    return event_log.Log(records.publisher(), lambda group: of_reader(records, group))


def recorded(of_history):
    records = MemoryLog()
    return history.Recorded(records.publisher(), lambda: of_history(records))


TICKETS, OUTBOX, BOOKINGS = tickets.TicketsConformance, outbox.OutboxConformance, bookings.BookingsConformance
SALES, PAYMENTS, PAGES = sales.SalesConformance, payment_book.PaymentBookConformance, pages.PagesConformance
NOTES, PARKING, LOG = notifications.NotificationsConformance, parking.ParkingConformance, event_log.EventLogConformance
LINE, HANDLED = waiting.WaitingListConformance, parking_handled.HandledParkingConformance
OWNERS, HISTORY = owners.OwnersConformance, history.HistoryConformance
PAY, PROVIDER, TOGETHER = payments.PaymentsConformance, provider.ProviderConformance, system.TogetherConformance
CHANGES, CONTACTS, PAST = changes.ChangesConformance, contacts.ContactsConformance, past.PastConformance
TITLES = titles.TitlesConformance
BELLS, SECOND = bells.BellsConformance, timedelta(seconds=1)
ONCE = "an_event_is_handled_once_by_each_consumer"
LEAVES_NOTHING = "a_failed_decision_leaves_nothing_and_harms_no_other"
MADE_UP = "a_channel_that_somebody_made_up_is_none_whatever_it_says"
SEVERAL_PLACES = "over_a_channel_there_may_be_several_places_each_is_one_recipients"
WHAT_IT_BECOMES = "what_one_becomes_is_kept_and_what_its_buckets_were_taken_to"
PAGED = "pages_never_overlap_however_sorted"

PLANTED = [
    (TICKETS, ONCE, lambda: ticket_store(broken.WithoutInbox())),
    (TICKETS, "equal_keys_at_once_add_one_ticket", lambda: ticket_store(broken.WithoutKeys())),
    (TICKETS, "a_repeated_key_returns_the_ticket_as_it_is_now", lambda: ticket_store(broken.WithoutKeys())),
    (TICKETS, "a_key_cannot_be_used_for_something_else", lambda: ticket_store(broken.WithoutFingerprints())),
    (TICKETS, LEAVES_NOTHING, lambda: ticket_store(broken.RemembersTooEarly())),
    (TICKETS, LEAVES_NOTHING, lambda: ticket_store(of_tickets=broken.OutboxNotRolledBack)),
    (TICKETS, "no_change_is_lost_in_a_race", lambda: ticket_store(broken.LosesEvents())),
    (TICKETS, "by_part_of_the_name_whatever_the_case", lambda: ticket_store(of_tickets=broken.CaseMatters)),
    (TICKETS, "by_part_of_the_name_whatever_the_case", lambda: ticket_store(of_tickets=broken.NeedsAName)),
    (TICKETS, "all_of_the_text_in_its_order", lambda: ticket_store(of_tickets=broken.PairsAreEnough)),
    (
        TICKETS,
        "whether_syllables_and_accented_letters_were_typed_whole_or_in_parts",
        lambda: ticket_store(of_tickets=broken.PartsMatter),
    ),
    (TICKETS, PAGED, lambda: ticket_store(of_tickets=broken.OverlappingTickets)),
    (OUTBOX, "an_envelope_says_what_happened_to_what_and_because_of_what", lambda: ticket_store(broken.NoCause())),
    (OUTBOX, "what_is_published_is_never_offered_again", lambda: ticket_store(of_outbox=broken.OffersAgain)),
    (OUTBOX, "the_oldest_come_first_and_no_more_than_asked_for", lambda: ticket_store(of_outbox=broken.NewestFirst)),
    (BOOKINGS, ONCE, lambda: booking_store(broken.WithoutInbox())),
    (BOOKINGS, LEAVES_NOTHING, lambda: booking_store(broken.RemembersTooEarly())),
    (BOOKINGS, "equal_keys_at_once_hold_one_seat", lambda: booking_store(broken.WithoutKeys())),
    (BOOKINGS, "the_last_seat_has_one_winner", lambda: booking_store(of_bookings=broken.UnguardedBookings)),
    (BOOKINGS, "seven_seats_have_seven_winners", lambda: booking_store(of_bookings=broken.UnguardedBookings)),
    (BOOKINGS, "an_unlimited_ticket_refuses_nobody", lambda: booking_store(of_bookings=broken.UnguardedBookings)),
    (BOOKINGS, "state_events_and_counts_change_together", lambda: booking_store(of_bookings=broken.NoCounts)),
    (BOOKINGS, "what_it_does_to_the_sale_is_told_with_it", lambda: booking_store(broken.LosesTheSecondEvent())),
    (
        BOOKINGS,
        "what_is_refused_leaves_nothing_not_even_its_key",
        lambda: booking_store(of_bookings=broken.SeatBeforeBooking),
    ),
    (BOOKINGS, "what_is_not_yours_is_not_found", lambda: booking_store(of_bookings=broken.EverybodysBookings)),
    (BOOKINGS, "equal_keys_at_once_change_it_once", lambda: booking_store(broken.WithoutKeys())),
    (BOOKINGS, "a_key_cannot_change_something_else", lambda: booking_store(broken.WithoutFingerprints())),
    (
        BOOKINGS,
        "a_key_is_remembered_of_what_changed_nothing",
        lambda: booking_store(of_bookings=broken.KeysOfChanges),
    ),
    (
        BOOKINGS,
        "what_is_refused_leaves_its_key_free",
        lambda: booking_store(of_bookings=broken.KeysOfTheRefused),
    ),
    (
        BOOKINGS,
        "what_follows_from_a_request_neither_needs_nor_takes_its_key",
        lambda: booking_store(of_bookings=broken.OneKeyForAll),
    ),
    (
        BOOKINGS,
        "a_buyer_who_asks_for_many_at_once_gets_so_many",
        lambda: booking_store(of_bookings=broken.CountsBeforehand),
    ),
    (
        BOOKINGS,
        "whatever_becomes_of_a_booking_another_may_be_held",
        lambda: booking_store(of_bookings=broken.CountsAllBookings),
    ),
    (
        BOOKINGS,
        "of_all_doors_at_once_one_lets_in_and_the_others_hear_when",
        lambda: booking_store(of_bookings=broken.DoorsApart),
    ),
    (
        BOOKINGS,
        "a_tickets_guests_are_listed_also_when_it_is_over",
        lambda: booking_store(of_bookings=broken.GuestsWhoStand),
    ),
    (
        BOOKINGS,
        "a_deletion_at_once_comes_before_and_is_seen_or_afterwards",
        lambda: booking_store(of_bookings=broken.JudgesBeforehand),
    ),
    (
        BOOKINGS,
        "who_judges_sees_what_was_decided_and_the_sale_and_has_the_last_word",
        lambda: booking_store(of_bookings=broken.JudgesWhatWas),
    ),
    (
        BOOKINGS,
        "a_first_hold_is_not_judged_as_its_claim_has_seen_the_sale",
        lambda: booking_store(of_bookings=broken.JudgesTheFirst),
    ),
    (BOOKINGS, "a_repeated_key_is_judged_as_well", lambda: booking_store(of_bookings=broken.JudgesOnce)),
    (
        BOOKINGS,
        "what_a_judge_refuses_leaves_nothing_and_its_key_free",
        lambda: booking_store(of_bookings=broken.JudgesAfterwards),
    ),
    (
        BOOKINGS,
        "nobody_stands_in_line_for_a_deleted_ticket",
        lambda: booking_store(of_bookings=broken.InvitesToNothing),
    ),
    (BOOKINGS, "of_all_tickets_together", lambda: booking_store(of_bookings=broken.CountsPerTicket)),
    (SALES, ONCE, lambda: booking_store(broken.WithoutInbox())),
    (
        SALES,
        "campaigns_are_deleted_tickets_with_live_bookings_by_id",
        lambda: booking_store(of_sales=broken.AsTheyCame),
    ),
    (
        LINE,
        "lines_are_those_with_a_free_seat_or_at_their_end_by_id",
        lambda: waiting_store(of_sales=broken.AsTheyCame),
    ),
    (LINE, "a_line_is_of_one_ticket_and_of_those_who_wait_still", lambda: waiting_store(broken.OneLineForAll)),
    (LINE, "a_line_is_of_one_ticket_and_of_those_who_wait_still", lambda: waiting_store(broken.KeepsWhoLeft)),
    (LINE, "a_seat_is_offered_once_however_many_offer", lambda: waiting_store(broken.OffersTwice)),
    (
        LINE,
        "who_was_first_and_joined_again_is_behind_those_who_waited_meanwhile",
        lambda: waiting_store(broken.KeepsTheNumber),
    ),
    (LINE, "newcomers_do_not_get_the_seat_of_those_who_wait", lambda: waiting_store(broken.ForgetsWhoWaits)),
    (LINE, "many_at_once_stand_in_one_line", lambda: waiting_store(broken.ForgetsWhoWaits)),
    (LINE, "lists_are_ones_own_and_their_pages_never_overlap", lambda: waiting_store(broken.EverybodysPlaces)),
    (PAYMENTS, ONCE, lambda: payment_store(broken.WithoutInbox())),
    (PAYMENTS, "a_booking_has_one_payment_however_many_ask", lambda: payment_store(of_payments=broken.RacingPayments)),
    (PAYMENTS, "unsettled_are_refunds_due_and_old_doubts_by_id", lambda: payment_store(of_payments=broken.NoDoubt)),
    (PAYMENTS, "equal_keys_at_once_change_it_once", lambda: payment_store(broken.WithoutKeys())),
    (PAYMENTS, "a_key_cannot_ask_for_something_else", lambda: payment_store(broken.WithoutFingerprints())),
    (
        PAY,
        "a_payment_on_other_terms_is_none_of_the_booking",
        lambda: pay_service(broken.BelievesAnyApproval),
    ),
    (
        PAY,
        "what_is_known_not_to_be_charged_is_as_if_never_asked_for",
        lambda: pay_service(broken.DoubtsForEver),
    ),
    (NOTES, ONCE, lambda: broken.HalfAdds(broken.Database())),
    (NOTES, "all_or_none", lambda: broken.HalfAdds(broken.Database())),
    (
        NOTES,
        "what_is_shown_where_it_is_stored_is_delivered_from_the_start",
        lambda: broken.HalfAdds(broken.Database()),
    ),
    (NOTES, "one_per_event_recipient_and_channel", lambda: broken.TellsTwice(broken.Database())),
    (NOTES, "each_place_of_a_recipient_is_one_more", lambda: broken.TellsOnePlace(broken.Database())),
    (
        NOTES,
        "so_many_of_a_recipient_go_at_once_and_the_others_wait_for_the_next",
        lambda: broken.LooksBefore(broken.Database()),
    ),
    (
        NOTES,
        "so_many_of_a_recipient_however_many_come_at_once_to_two_processes",
        lambda: broken.LooksBefore(broken.Database()),
    ),
    (NOTES, "what_is_read_elsewhere_is_not_seen", lambda: broken.ShowsMails(broken.Database())),
    (NOTES, "the_unread_ones_are_counted_for_each", lambda: broken.CountsEverybodys(broken.Database())),
    (NOTES, "each_is_told_in_one_however_many_gather", lambda: broken.GathersTwice(broken.Database())),
    (PAGES, "no_change_is_lost_in_a_race", lambda: page_store(of_projection=broken.LosesUpdates)),
    (PAGES, "an_unfinished_view_is_thrown_away", lambda: page_store(of_views=broken.KeepsTheUnfinished)),
    (
        PAGES,
        "of_two_builders_the_one_that_began_last_is_shown_and_the_earlier_is_refused",
        lambda: page_store(of_views=broken.ShowsWhatOthersBegan),
    ),
    (
        PAGES,
        "of_two_builders_the_one_that_began_last_is_shown_and_the_earlier_is_refused",
        lambda: page_store(of_views=broken.ComparesWhatOthersBegan),
    ),
    *(
        (
            PAGES,
            "what_the_new_view_has_nothing_of_is_counted_but_for_what_came_since",
            lambda views=views: page_store(of_views=views),
        )
        for views in (broken.MissesNothing, broken.MissesWhatCame)
    ),
    *(
        (PAGES, "what_is_cleared_is_neither_shown_nor_being_built", lambda views=views: page_store(of_views=views))
        for views in (broken.ClearsWhatIsShown, broken.ClearsWhatIsBuilt)
    ),
    (PAGES, "of_those_that_begin_at_once_one_can_swap", lambda: page_store(of_views=broken.ShowsWhatOthersBegan)),
    (PAGES, "what_changes_after_joining_changes_in_both", lambda: page_store(of_views=broken.DoesNotJoin)),
    (PAGES, "joined_until_the_swap_or_the_next_blank_one", lambda: page_store(of_views=broken.StaysJoined)),
    (
        PAGES,
        "each_source_is_caught_up_with_by_itself_and_never_lost_again",
        lambda: page_store(of_projection=broken.SeesBackwards),
    ),
    (PAGES, "what_another_process_writes_is_caught_up_with", lambda: page_store(of_pages=broken.AheadOfTime)),
    (
        PAGES,
        "bookings_are_counted_by_the_day_in_korea_on_which_they_were_made",
        lambda: page_store(of_pages=broken.CountsWhatStands),
    ),
    (PAGES, "all_are_read_by_going_on_behind_the_last", lambda: page_store(of_pages=broken.InTheOrderTheyCame)),
    (PAGES, "what_is_not_yours_has_never_been_seen", lambda: page_store(of_pages=broken.EverybodysPages)),
    (
        CHANGES,
        "each_change_is_told_after_a_mark_from_before_it_and_not_after_one_from_then",
        lambda: change_store(broken.NumbersByPage),
    ),
    (CHANGES, "what_changes_nothing_is_no_change", lambda: change_store(of_projection=broken.CountsRepeats)),
    (CHANGES, "everybody_is_told_of_their_own_only", lambda: change_store(broken.TellsEverybody)),
    (
        CHANGES,
        "a_ticket_changes_with_each_of_its_bookings_and_comes_with_its_sums",
        lambda: change_store(broken.OwnChangesOnly),
    ),
    (CHANGES, "a_few_at_a_time_all_come", lambda: change_store(broken.SkipsTheRest)),
    (CHANGES, "a_mark_of_other_pages_or_of_the_future_begins_anew", lambda: change_store(broken.TakesAnyMark)),
    (CHANGES, "after_a_swap_all_that_is_shown_is_told", lambda: change_store(broken.TakesAnyMark)),
    (CONTACTS, "each_recipient_has_their_own_by_channel", lambda: contact_store(broken.MixesUpNumbers)),
    (CONTACTS, "a_new_one_takes_the_place_of_the_old", lambda: contact_store(broken.KeepsTheFirst)),
    (CONTACTS, "what_is_removed_is_gone_and_nothing_else", lambda: contact_store(broken.RemovesAll)),
    (CONTACTS, "what_is_removed_is_gone_and_nothing_else", lambda: contact_store(broken.RemovesNothing)),
    (CONTACTS, SEVERAL_PLACES, lambda: contact_store(broken.KnowsOnePlace)),
    (CONTACTS, SEVERAL_PLACES, lambda: contact_store(broken.LeavesAPlaceToAll)),
    (CONTACTS, "of_many_who_want_one_place_at_once_one_has_it", lambda: contact_store(broken.LeavesAPlaceToAll)),
    (CONTACTS, "a_place_that_is_gone_leaves_the_others", lambda: contact_store(broken.RemovesEveryPlace)),
    (CONTACTS, "so_many_places_however_many_come_at_once", lambda: contact_store(broken.CountsBefore)),
    (CONTACTS, "so_many_places_and_what_is_more_leaves_nothing", lambda: contact_store(broken.KeepsTheRefused)),
    (CONTACTS, WHAT_IT_BECOMES, lambda: contact_store(broken.ForgetsTheCode)),
    (CONTACTS, "what_is_refused_leaves_contact_and_buckets", lambda: contact_store(broken.HasOneBucket)),
    (
        CONTACTS,
        "one_bucket_however_many_come_at_once_to_two_processes",
        lambda: contact_store(broken.AsksTwiceAtOnce),
    ),
    (
        CONTACTS,
        "an_address_is_forgotten_whoevers_and_nothing_else_is",
        lambda: contact_store(broken.ForgetsAsItWasWritten),
    ),
    (CONTACTS, MADE_UP, lambda: contact_store(broken.TakesAnyChannel)),
    (CONTACTS, "of_many_at_once_one_is_kept", lambda: contact_store(broken.OneAtATime)),
    (TITLES, "those_are_named_that_are_known_and_have_a_name", lambda: title_store(broken.NamesTheNameless)),
    (TITLES, "the_greater_version_stands_in_whichever_order_they_come", lambda: title_store(broken.LastIsRight)),
    (TITLES, "the_greater_version_stands_in_whichever_order_they_come", lambda: title_store(broken.FirstIsRight)),
    (TITLES, "a_name_may_be_taken_away_and_given_again", lambda: title_store(broken.ForgetsTheNameless)),
    (TITLES, "who_asks_at_once_is_told_of_their_own", lambda: title_store(broken.AnswersTheLast)),
    (
        TITLES,
        "of_many_who_learn_at_once_in_two_processes_the_greatest_version_stands",
        lambda: title_store(broken.LooksBeforeItLearns),
    ),
    (TITLES, "what_one_process_has_learned_another_says", lambda: title_store(broken.RemembersAnswers)),
    (PARKING, "a_key_waits_until_the_last_of_it_is_released", lambda: broken.ForgetsAKey(broken.Database())),
    (PARKING, "what_has_no_key_waits_for_itself_alone", lambda: broken.CountsKeysAlone(broken.Database())),
    (PARKING, "what_is_parked_under_one_key_is_read_alone", lambda: broken.AnyKey(broken.Database())),
    (PARKING, "once_per_consumer_and_id_the_first_counts", lambda: broken.ReplacesParked(broken.Database())),
    (PARKING, "what_was_parked_is_read_again_in_every_member", lambda: broken.ParksInSilence(broken.Database())),
    (PAST, "no_more_events_than_asked_for_are_forgotten_at_once", lambda: remembering(broken.ForgetsAllThatWasHeard)),
    (
        HANDLED,
        "what_the_consumer_has_handled_is_not_parked",
        lambda: broken.ParksWhatWasHandled(broken.Database()),
    ),
    (
        HANDLED,
        "what_another_process_has_handled_is_not_parked",
        lambda: broken.ParksWhatWasHandled(broken.Database()),
    ),
    (
        HANDLED,
        "what_another_consumer_has_handled_is_parked",
        lambda: broken.AnyConsumersInbox(broken.Database()),
    ),
    (
        HANDLED,
        "what_is_handled_after_it_was_parked_waits_until_it_is_released_and_never_again",
        lambda: broken.DropsWhatWasHandled(broken.Database()),
    ),
    (LOG, "rewinding_begins_again_after_the_last_commit", lambda: log(broken.ForgetsCommits)),
    (LOG, "rewinding_begins_again_after_the_last_commit", lambda: log(broken.CannotRewind)),
    (LOG, "a_commit_covers_what_came_before_and_never_steps_back", lambda: log(broken.StepsBack)),
    (LOG, "each_record_comes_once_and_in_order_of_its_key", lambda: log(broken.Backwards)),
    (HISTORY, "the_first_read_already_has_something", lambda: recorded(broken.StillJoining)),
    (HISTORY, "everything_comes_once_and_in_order_of_its_key", lambda: recorded(broken.GivesUpEarly)),
    (HISTORY, "what_came_since_the_end_comes_next", lambda: recorded(broken.EndsForGood)),
    (HISTORY, "no_more_than_asked_for", lambda: recorded(broken.AllAtOnce)),
    (OWNERS, "of_what_nobody_knows_nothing_is_said", lambda: known(broken.AnswersForOthers())),
    (OWNERS, "who_is_away_says_nothing_and_is_not_waited_for", lambda: known(MemoryOwners())),
    (PROVIDER, "equal_keys_at_once_charge_once", broken.ChargesEachTime),
    (BELLS, "who_listens_to_a_page_hears_it_and_nobody_else_does", lambda: broken.RingsForAll(SECOND)),
    (BELLS, "what_rings_while_nobody_waits_is_heard_later_and_once", lambda: broken.ForgetsToRing(SECOND)),
    (TOGETHER, "one_that_fails_stops_no_other_and_is_raised_in_the_end", lambda: broken.hasty),
]


@pytest.mark.parametrize("suite, test, broken_one", PLANTED)
def test_what_is_broken_fails(suite, test, broken_one):
    result = unittest.TestResult()
    _trying(suite, broken_one, test).run(result)
    assert not result.errors, result.errors[0][1]
    assert result.failures, f"{suite.__name__}.test_{test} passes although that is broken"


@pytest.mark.parametrize("bases", [(), (unittest.TestCase,)])
def test_what_nobody_would_run_or_await_is_refused_at_once(bases):
    with pytest.raises(TypeError, match="Mine has `new` and is no test case"):
        type("Mine", (PARKING, *bases), {"new": lambda self: None})


def _trying(suite, make, test):
    """The one test of the suite, on what `make` makes."""

    class Broken(suite, unittest.IsolatedAsyncioTestCase):
        shared, never = True, "late"

        async def new(self):
            return make()

        async def handle(self, under, said, consumer):
            under._db.commit(said.cause(consumer), ())

        async def beside(self, under):
            if isinstance(under, pages.PageStore):  # what its views have begun is each one's own
                return attrs.evolve(under, views=copy.copy(under.views))
            return under

    return Broken(f"test_{test}")
