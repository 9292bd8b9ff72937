#include <librdkafka/rdkafka.h>  // want: library:rdkafka
