// As philox.glsl, in double precision; a value takes two words, the lower first. Devices with float64 only.
#ifndef FORGE_PHILOX_DOUBLE
#define FORGE_PHILOX_DOUBLE

double philox_uniform_double(uvec2 words) {
  return (double(words.y) * 2097152.0lf + double(words.x >> 11)) * 1.1102230246251565e-16lf;  // 53 bits, 2^-53
}

// 2^-53 times an odd number below 2^53.
double philox_fraction_double(uvec2 odd) {
  return (double(odd.y) * 4294967296.0lf + double(odd.x)) * 1.1102230246251565e-16lf;
}

// log2(1 + t) / t for 1 + t in [sqrt(1/2), sqrt(2)]; 1e-17.
double philox_log2_over_double(double t) {
  precise double sum = 0.036774169347142192lf;
  sum = sum * t - 0.085467417939543752lf;
  sum = sum * t + 0.094148826620957346lf;
  sum = sum * t - 0.082343438344432682lf;
  sum = sum * t + 0.081753064783712623lf;
  sum = sum * t - 0.089303686195600293lf;
  sum = sum * t + 0.09643400946674259lf;
  sum = sum * t - 0.1031564771346186lf;
  sum = sum * t + 0.11096631074823189lf;
  sum = sum * t - 0.12021762501443926lf;
  sum = sum * t + 0.13115422276901945lf;
  sum = sum * t - 0.14426976700975894lf;
  sum = sum * t + 0.16029945342821048lf;
  sum = sum * t - 0.1803368743615282lf;
  sum = sum * t + 0.20609929137787664lf;
  sum = sum * t - 0.240449173549558lf;
  sum = sum * t + 0.28853900817994282lf;
  sum = sum * t - 0.36067376022187181lf;
  sum = sum * t + 0.48089834696297928lf;
  sum = sum * t - 0.72134752044448225lf;
  sum = sum * t + 1.4426950408889634lf;
  return sum;
}

double philox_log2_double(double y) {
  uvec2 bits = unpackDouble2x32(y);
  uint high = bits.y + 0x95F62u;  // 1.0 less sqrt(1/2), of the upper half
  precise double t = packDouble2x32(uvec2(bits.x, (high & 0xFFFFFu) + 0x3FE6A09Eu)) - 1.0lf;
  precise double value = double(int(high >> 20) - 1023) + t * philox_log2_over_double(t);
  return value;
}

// z / x as a function of w = -log2(1 - x^2): w in [0, 8], [8, 24], [24, 56]; 2e-16.
double philox_centre_double(double u) {
  precise double sum = -2.9616955970285478e-10lf;
  sum = sum * u + 2.3526013747882297e-09lf;
  sum = sum * u - 1.3020286514294399e-09lf;
  sum = sum * u - 2.2125002215548873e-08lf;
  sum = sum * u + 5.0265212987609336e-08lf;
  sum = sum * u + 6.2355554556584916e-08lf;
  sum = sum * u - 4.5148964023470875e-07lf;
  sum = sum * u + 5.0288891529347162e-07lf;
  sum = sum * u + 1.9042748472739006e-06lf;
  sum = sum * u - 7.2879812209275811e-06lf;
  sum = sum * u + 2.790650639132913e-06lf;
  sum = sum * u + 4.2569657442836945e-05lf;
  sum = sum * u - 0.00010998795899369813lf;
  sum = sum * u - 4.8783230791872914e-05lf;
  sum = sum * u + 0.00085732285384291877lf;
  sum = sum * u - 0.0016013250150523856lf;
  sum = sum * u - 0.0022774745113873637lf;
  sum = sum * u + 0.017380761525875216lf;
  sum = sum * u - 0.030736975373245195lf;
  sum = sum * u - 0.055506351958672269lf;
  sum = sum * u + 0.95712862444599356lf;
  sum = sum * u + 2.217919810404922lf;
  return sum;
}

double philox_tail_double(double u) {
  precise double sum = 2.265264674093197e-09lf;
  sum = sum * u - 8.3045295837797636e-09lf;
  sum = sum * u + 8.4334472372880931e-09lf;
  sum = sum * u + 5.8407320959154547e-09lf;
  sum = sum * u - 3.8026031317682446e-08lf;
  sum = sum * u + 1.3762999641938548e-07lf;
  sum = sum * u - 3.9961205404009224e-07lf;
  sum = sum * u + 8.5092012270447531e-07lf;
  sum = sum * u - 1.2187222350968728e-06lf;
  sum = sum * u + 2.9350024139133907e-07lf;
  sum = sum * u + 5.4205412314011584e-06lf;
  sum = sum * u - 2.3416047093710598e-05lf;
  sum = sum * u + 6.5302764973727625e-05lf;
  sum = sum * u - 0.0001399348281989791lf;
  sum = sum * u + 0.00022837211818957213lf;
  sum = sum * u - 0.0002196986768261906lf;
  sum = sum * u - 0.00024428823613330437lf;
  sum = sum * u + 0.0022088849681382917lf;
  sum = sum * u - 0.0089940814767429846lf;
  sum = sum * u + 0.033410172913477282lf;
  sum = sum * u - 0.1436008537249181lf;
  sum = sum * u + 1.1845369520554949lf;
  sum = sum * u + 4.4753617540802058lf;
  return sum;
}

double philox_far_double(double u) {
  precise double sum = -6.6421765660446621e-10lf;
  sum = sum * u + 1.4662226568004282e-09lf;
  sum = sum * u + 6.3599915904022436e-10lf;
  sum = sum * u - 2.37994571065176e-09lf;
  sum = sum * u - 1.442081048019492e-09lf;
  sum = sum * u - 5.772178282007324e-10lf;
  sum = sum * u + 2.2692034689325841e-08lf;
  sum = sum * u - 7.6082823748255036e-08lf;
  sum = sum * u + 2.2581180365795146e-07lf;
  sum = sum * u - 6.841321878752903e-07lf;
  sum = sum * u + 2.0556142849962289e-06lf;
  sum = sum * u - 6.1722359958395377e-06lf;
  sum = sum * u + 1.8730648937241951e-05lf;
  sum = sum * u - 5.7815511105795905e-05lf;
  sum = sum * u + 0.00018263630529397753lf;
  sum = sum * u - 0.00059532607334647795lf;
  sum = sum * u + 0.0020278793342296372lf;
  sum = sum * u - 0.0073777851869490166lf;
  sum = sum * u + 0.029935792499742278lf;
  sum = sum * u - 0.15089009432568362lf;
  sum = sum * u + 1.5044899786955146lf;
  sum = sum * u + 7.2381794955473264lf;
  return sum;
}

double philox_normal_double(uvec2 words) {
  uint upper = words.y & 0x7FFFFFFFu;
  uvec2 odd = uvec2((words.x >> 10) | (upper << 22) | 1u, upper >> 10);  // 52 bits and a one
  uint borrow;
  uvec2 rest;
  rest.x = usubBorrow(0u, odd.x, borrow);
  rest.y = 0x200000u - odd.y - borrow;
  precise double x = philox_fraction_double(rest);
  precise double p = philox_fraction_double(odd);
  precise double w = -philox_log2_double(p * (1.0lf + x));
  precise double ratio;
  if (w < 8.0lf)
    ratio = philox_centre_double((w - 4.0lf) * 0.25lf);
  else if (w < 24.0lf)
    ratio = philox_tail_double((w - 16.0lf) * 0.125lf);
  else
    ratio = philox_far_double((w - 40.0lf) * 0.0625lf);
  precise double z = x * ratio;
  return (words.y >> 31) != 0u ? -z : z;
}

#endif
