/* <odm/setsc.h> alone, for the strictest compilers: C99 and C++. */
#include <odm/setsc.h>
/* Again, and after the headers that could clash. */
#include <netdb.h>
#include <odm/setsc.h>
#include <sys/socket.h>

static const int numbers_of_the_draft[] = {
	FIXED_IPV6_ADDRESS == 1 ? 1 : -1,
	SESSION_LASTING_IPV6_ADDRESS == 2 ? 1 : -1,
	NON_PERSISTENT_IPV6_ADDRESS == 3 ? 1 : -1,
	GRACEFUL_REPLACEMENT_IPV6_ADDRESS == 4 ? 1 : -1
};

/* Statuses and flags are integer constants that clash with none of the system's. */
typedef char statuses_differ[EAI_REQUIREDIPNOTSUPPORTED != EAI_REQUIREDIPFAILED ? 1 : -1];
typedef char statuses_are_ours[EAI_REQUIREDIPFAILED < -105 && EAI_REQUIREDIPNOTSUPPORTED < -105 ? 1 : -1];
typedef char event_has_no_hole_but_one[sizeof(struct odm_event) == 44 ? 1 : -1];
typedef char no_end_is_not_an_end[ODM_NO_END == UINT32_MAX ? 1 : -1];
typedef char flag_is_not_the_kernels[IPV6_REQUIRE_SRC_ON_NET > 0xffff ? 1 : -1];

int main(void)
{
	/* As the draft's example has it: a variable of this name hides the type. */
	uint8_t sc_type = IPV6_REQUIRE_SESSION_LASTING_IP;
	struct in6_addr address;
	struct odm_event event;
	int status = setsc(-1, &address, sc_type);
	if (odm_watch(-1) != EAI_SYSTEM || odm_next_event(-1, &event) != EAI_SYSTEM)
		return 1;
	return status == EAI_SYSTEM && odm_strerror(status) && numbers_of_the_draft[0] == 1 ? 0 : 1;
}
