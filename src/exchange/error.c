/* The error domain of the exchange module. */
#include "hilum/exchange/error.h"

GQuark hilum_exchange_error_quark(void)
{
  return g_quark_from_static_string("hilum-exchange-error");
}
