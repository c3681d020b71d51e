/* The error domain of the exchange module. */
#include "hilum/exchange/error.h"

G_DEFINE_QUARK(hilum - exchange - error - quark, hilum_exchange_error)
